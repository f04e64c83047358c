"""Which of a subject's files are an image of it, by their names, and which of several is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from SpineRootLib.errors import DatasetError
from SpineRootLib.translation import _

_ENDINGS = (".nii.gz", ".nii", ".nrrd")
# what BIDS calls masks and segmentations, which lie beside the image that they are of and share its name
_MASKS = re.compile(r".*(?:mask|seg)")
# parts of a complex image that show no tissue
_NO_PICTURE = ("phase", "real", "imag")


def image_files(folder: Path, subject: str, name: str) -> list[Path]:
    """The files in a folder that can be an image of a subject, sorted by run.

    Named as published (``sub-03_CISS.nii.gz``) or as BIDS has it (``sub-03_acq-CISS_T2w.nii.gz``), with any further
    entities; links too whose file is not there. Of one image in several formats one file. No masks and segmentations.

    Parameters
    ----------
    name : ``CISS``, ``DESS``, ``T2TSE``.

    Raises
    ------
    DatasetError
        if the folder cannot be read.
    """
    start, found = f"sub-{subject}_", dict[str, Path]()
    try:
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), folder) from error
    for ending in _ENDINGS:
        for path in entries:
            stem = path.name.removesuffix(ending)
            if stem != path.name and stem.startswith(start) and _shows(stem.removeprefix(start), name):
                found.setdefault(stem, path)
    return sorted(found.values(), key=lambda path: (int(run_of(path) or 0), path.name))


def run_of(path: Path) -> str | None:
    """The number of the run that a file's name states, without leading zeros."""
    match = re.search(r"_run-0*([0-9]+)(?=[_.])", path.name)
    return None if match is None else match[1]


def choose(
    files: Sequence[Path], subject: str, name: str, run: str | None, annotated: Collection[str], folder: Path
) -> Path | None:
    """The file that is meant among those that can be an image; None where there is none.

    Parameters
    ----------
    run : the run that was asked for.
    annotated : names of the files that the subject's annotations record.
    folder : where the files were looked for.

    Raises
    ------
    DatasetError
        if several can be meant, or there is no such run.
    """
    if run is not None and any(run_of(path) for path in files):
        found = [path for path in files if run_of(path) == (run.lstrip("0") or "0")]
        if not found:
            fault = _("holds no run {run} of the {name} image of sub-{subject}")
            raise DatasetError(fault.format(run=run, name=name, subject=subject), folder)
        files = found
    recorded = [path for path in files if path.name in annotated]
    found = recorded if len(recorded) == 1 else list(files)
    if len(found) > 1:
        fault = _("holds several images that can be the {name} of sub-{subject} ({names})")
        names = ", ".join(path.name for path in found)
        told_apart = len({run_of(path) for path in found}) == len(found)
        leave = _("leave one of them there")
        advice = f": {leave}" + (_(", or name one with --run") if told_apart else "")
        raise DatasetError(fault.format(name=name, subject=subject, names=names), folder, advice, leave)
    return found[0] if found else None


def _shows(rest: str, name: str) -> bool:
    """Whether what follows the subject in a file's name says that it is an image of a name."""
    *words, suffix = rest.split("_")
    entities = {key: value for key, mark, value in (word.partition("-") for word in words) if mark}
    if len(entities) != len(words) or "label" in entities or entities.get("part") in _NO_PICTURE:
        return False
    return suffix == name or (entities.get("acq") == name and "-" not in suffix and not _MASKS.fullmatch(suffix))
