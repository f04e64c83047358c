"""A BIDS dataset: its subjects, their images, and who annotated them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.anatomy import DEFAULT_SEGMENTS, parse_segments
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import holds_markups, marked_levels, sidecar_path, subject_folder
from SpineRootLib.annotation_on_image import read_on_image
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.image_files import choose, image_files, run_of
from SpineRootLib.naming import annotator_label, subject_label, subject_path
from SpineRootLib.provenance import Provenance
from SpineRootLib.subject_folders import labels_in
from SpineRootLib.translation import _

IMAGES = ("CISS", "DESS", "T2TSE")


@dataclass(frozen=True)
class Dataset:
    """A dataset's folder, laid out as BIDS has it or as the published tree with ``rawdata/`` and ``derivatives/``.

    Parameters
    ----------
    root : the folder.
    run : which of several runs of an image is meant; by default the one that was annotated.
    """

    root: Path
    run: str | None = None

    @classmethod
    def open(cls, root: Path, run: str | None = None) -> Dataset:
        """The dataset in a folder.

        Raises
        ------
        DatasetError
            if there is no such folder, it cannot be read, or it holds no subject.
        """
        try:
            entries = sorted(root.iterdir())
        except FileNotFoundError:
            raise DatasetError(_("there is no such folder"), root) from None
        except OSError as error:
            raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), root) from error
        dataset = cls(root, run)
        if not entries or not dataset.subjects():
            raise DatasetError(_("holds no subject (a folder sub-*)"), root)
        return dataset

    @property
    def rawdata(self) -> Path:
        """The folder of the subjects' images."""
        return self.root / "rawdata" if (self.root / "rawdata").is_dir() else self.root

    @property
    def derivatives(self) -> Path:
        """The folder of what was made from the images."""
        return self.root / "derivatives"

    def markers(self, annotator: str | None = None) -> Path:
        """The folder of an annotator's markups; of the consensus for None."""
        name = "markers" if annotator is None else f"markers-{annotator_label(annotator)}"
        return self.derivatives / name

    def derivative(self, kind: str, subject: str) -> Path:
        """The folder of a subject's ``model``, ``agreement`` or ``anatqc``."""
        return subject_path(self.derivatives / kind, subject)

    def subjects(self) -> list[str]:
        """Labels of all subjects with images or markups, sorted; of one with sessions those of its sessions."""
        return sorted({label for folder in (self.rawdata, *self._markers_folders()) for label in labels_in(folder)})

    def annotators(self, subject: str | None = None) -> list[str]:
        """Labels of the annotators, of one subject or of any; the consensus is not among them."""
        names = {folder.name.removeprefix("markers-"): folder for folder in self._markers_folders()}
        names.pop("markers", None)
        if subject is not None:
            label = subject_label(subject)
            names = {name: folder for name, folder in names.items() if _has_subject(folder, label)}
        return sorted(names)

    def image(self, subject: str, name: str) -> Path | None:
        """The image of a subject by its name (``CISS``, ``DESS``, ``T2TSE``), or None.

        Of several the run that was asked for, else the one that the annotations record.

        Raises
        ------
        DatasetError
            if several can be meant, or a run was asked for and no image of the subject names one.
        """
        label = subject_label(subject)
        folder, files = subject_path(self.rawdata, label), self.image_files(label, name)
        if self.run is not None and not self._names_runs(label):
            fault = _("holds no run {run} of sub-{subject}: the name of none of its images states a run")
            raise DatasetError(fault.format(run=self.run, subject=label), folder)
        annotated = self._annotated(label, name) if len(files) > 1 else ()
        return choose(files, label, name, self.run, annotated, folder)

    def image_files(self, subject: str, name: str) -> list[Path]:
        """All files that can be an image of a subject; see `image_files.image_files`."""
        label = subject_label(subject)
        folder = subject_path(self.rawdata, label)
        return image_files(folder / "anat", label, name) or image_files(folder, label, name)

    def images(self, subject: str, without: Collection[str] = ()) -> dict[str, Path]:
        """The images of a subject that are there, by name.

        Parameters
        ----------
        without : names that are not looked for.

        Raises
        ------
        DatasetError
            if several can be meant.
        """
        found = {name: self.image(subject, name) for name in IMAGES if name not in without}
        return {name: path for name, path in found.items() if path is not None}

    def is_annotated(self, subject: str, annotator: str | None = None) -> bool:
        """Whether an annotator, or the consensus for None, has markups of a subject."""
        with suppress(DatasetError):
            return holds_markups(subject_folder(self.markers(annotator), subject))
        return False

    def read(
        self, subject: str, annotator: str | None = None, segments: Sequence[str] = DEFAULT_SEGMENTS
    ) -> Annotation:
        """An annotator's annotation of a subject, or the consensus for None, on the slices of its CISS image.

        Raises
        ------
        SpineRootError
            as `read_on_image` does.
        """
        return read_on_image(self.markers(annotator), subject, self.image(subject, "CISS"), segments, annotator)

    def levels(
        self, subject: str, annotators: Iterable[str | None], chosen: Sequence[str] = DEFAULT_SEGMENTS
    ) -> tuple[str, ...]:
        """The levels that were chosen, and what annotators (None: the consensus) marked besides, from the head down."""
        found = set(chosen)
        for annotator in annotators:
            with suppress(DatasetError):
                found |= marked_levels(subject_folder(self.markers(annotator), subject))
        return parse_segments(found)

    def _names_runs(self, subject: str) -> bool:
        return any(run_of(path) is not None for name in IMAGES for path in self.image_files(subject, name))

    def _annotated(self, subject: str, name: str) -> set[str]:
        """Names of the image files that annotations of a subject record."""
        found = set()
        for folder in self._markers_folders():
            with suppress(SpineRootError):
                path = sidecar_path(subject_path(folder, subject), subject)
                found.add(str(Provenance.read(path).document.get("Images", {}).get(name, {}).get("File")))
        return found

    def _markers_folders(self) -> list[Path]:
        folders = [
            entry for entry in self._derivative_folders() if re.fullmatch(r"markers(-[A-Za-z0-9]+)?", entry.name)
        ]
        return sorted(folders)

    def _derivative_folders(self) -> list[Path]:
        return [entry for entry in self.derivatives.iterdir() if entry.is_dir()] if self.derivatives.is_dir() else []


def raw_folder(root: Path) -> Path:
    """Where a dataset has its subjects' images; ``rawdata`` for a new one."""
    plain = not (root / "rawdata").is_dir() and any(root.glob("sub-*"))
    return root if plain else root / "rawdata"


def _has_subject(folder: Path, label: str) -> bool:
    return any(subject_path(folder, label, mark).is_dir() for mark in "-_")
