"""What can be wrong with the input, as exceptions whose text is one sentence for the user."""

from __future__ import annotations

from pathlib import Path


class SpineRootError(Exception):
    """Bad input. The command line prints the text and exits with 2, a panel shows it.

    Parameters
    ----------
    fault : one sentence without the file's name.
    source : the file or folder at fault; put in front of the sentence.
    advice : what whoever types commands can do, with the mark that joins it to the sentence (``": choose ..."``).
    in_panel : the same for whoever uses a panel; empty where there is nothing to say.
    """

    def __init__(self, fault: str, source: str | Path | None = None, advice: str = "", in_panel: str = ""):
        self.fault, self.advice, self.in_panel = fault, advice, in_panel
        self.source = None if source is None else Path(source)
        # a name that is no UTF-8 can be shown all the same, on any terminal and in any log
        self.named = "" if source is None else str(source).encode("utf-8", "backslashreplace").decode("utf-8")
        super().__init__(f"{fault}{advice}" if source is None else f"{self.named}: {fault}{advice}")


class MarkupsFileError(SpineRootError):
    """A markups file that cannot be read as what its name says."""


class DatasetError(SpineRootError):
    """A folder that does not hold what was asked for, or cannot be read or written."""


class GeometryError(SpineRootError):
    """Points, planes or images whose geometry cannot be worked with."""


class ImageFileError(SpineRootError):
    """An image file that cannot be read or is not what is expected."""


class DicomError(SpineRootError):
    """DICOM files that cannot be imported."""


class MissingExtraError(SpineRootError):
    """A library is needed and not installed: one of an extra, or of the package itself where `extra` is empty."""

    def __init__(self, library: str, extra: str, purpose: str, advice: str = ""):
        self.library, self.extra = library, extra
        package = f"'spineroot[{extra}]'" if extra else library
        super().__init__(f"{purpose} needs {library}, which is not installed: pip install {package}", advice=advice)


class Cancelled(SpineRootError):
    """The caller's progress callback asked to stop; nothing was written."""

    def __init__(self) -> None:
        super().__init__("cancelled")
