"""Putting a converted subject into a dataset, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from SpineRootLib.dataset import IMAGES, raw_folder
from SpineRootLib.dataset_description import describe_participants, describe_raw
from SpineRootLib.errors import DatasetError
from SpineRootLib.tables import MISSING, read_columns_and_rows, write_table

_PARTICIPANT = {"participant_id": "Label of the subject"}


def existing_images(raw: Path, subject: str) -> list[Path]:
    """The files of a subject that are in a dataset."""
    return sorted(path for path in (raw / f"sub-{subject}").rglob("*") if path.is_file())


def place_subject(staged: Path, root: Path, subject: str, aside: Path, published_names: bool) -> list[Path]:
    """Move a subject's staged files into the dataset, with what the dataset lacks and a row in ``participants.tsv``.

    Files of the same images that are there are replaced. If anything fails, all is put back as it was.

    Parameters
    ----------
    staged : the subject's folder, on the same disk as the dataset.
    aside : an empty folder on that disk for what is replaced.
    published_names : whether the images have the names of the published dataset, for ``.bidsignore``.

    Returns
    -------
    list of Path
        the files written.
    """
    raw = raw_folder(root)
    folder = raw / f"sub-{subject}"
    files = sorted(path for path in staged.rglob("*") if path.is_file())
    moved: list[tuple[Path, Path]] = []
    before = _own_files(root, raw)
    try:
        for number, old in enumerate(_replaced(files, folder)):
            _move(old, aside / f"{number}_{old.name}", moved)
        placed = [_move(path, folder / path.relative_to(staged), moved) for path in files]
        described = describe_raw(root, raw, root.resolve().name, published_names)
        return [*placed, *described, *_add_participant(raw, subject)]
    except BaseException as error:
        for old, new in reversed(moved):
            new.replace(old)
        for path in _own_files(root, raw) - before:
            path.unlink()
        _remove_empty(folder)
        if raw.is_dir() and not any(raw.iterdir()):
            raw.rmdir()
        if isinstance(error, OSError):
            raise DatasetError(f"cannot be written ({error.strerror})", folder) from error
        raise


def _replaced(files: Iterable[Path], folder: Path) -> list[Path]:
    """Files in a subject's folder that are of the same images as the new ones, under whichever name."""
    new = list(files)
    names = {path.name for path in new}
    images = {image for path in new for image in IMAGES if image in _words(path)}
    found = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if path.name in names or images & set(_words(path))]


def _words(path: Path) -> list[str]:
    return path.name.split(".")[0].replace("-", "_").split("_")


def _move(old: Path, new: Path, moved: list[tuple[Path, Path]]) -> Path:
    """Move a file and note from where to where."""
    new.parent.mkdir(parents=True, exist_ok=True)
    old.replace(new)
    moved.append((old, new))
    return new


def _own_files(*folders: Path) -> set[Path]:
    """The files that lie in folders themselves."""
    return {path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()}


def _remove_empty(folder: Path) -> None:
    for path in (*sorted(folder.rglob("*"), reverse=True), folder):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _add_participant(raw: Path, subject: str) -> list[Path]:
    """A row for the subject unless there is one; what else the table says stays as it is."""
    path = raw / "participants.tsv"
    columns, rows = read_columns_and_rows(path) if path.exists() else (["participant_id"], [])
    if "participant_id" not in columns:
        raise DatasetError("has no column participant_id", path)
    written = describe_participants(raw, _PARTICIPANT)
    if not any(row.get("participant_id") == f"sub-{subject}" for row in rows):
        rows.append({**dict.fromkeys(columns, MISSING), "participant_id": f"sub-{subject}"})
        written.append(write_table(path, columns, sorted(rows, key=lambda row: row.get("participant_id", ""))))
    return written
