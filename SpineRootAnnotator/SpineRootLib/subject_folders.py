"""The folders of subjects, and of their sessions, within a folder of a dataset."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from SpineRootLib.errors import DatasetError
from SpineRootLib.naming import of_session, session_label, split_label, subject_path
from SpineRootLib.translation import _

_SUBJECT_FOLDER = re.compile(r"sub[-_]([A-Za-z0-9]+)")
_SESSION_FOLDER = re.compile(r"ses-[A-Za-z0-9]+")


def labels_in(folder: Path) -> list[str]:
    """Labels of the subjects that have a folder in a folder, sorted; of one with sessions those of its sessions."""
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    found = {
        label
        for entry in entries
        if (match := _SUBJECT_FOLDER.fullmatch(entry.name)) and entry.is_dir()
        for label in _labels_of(entry, match[1])
    }
    return sorted(found)


def holder_of(folder: Path) -> Path:
    """The folder in which a subject's folder, of a session or not, lies."""
    return folder.parents[1] if _SESSION_FOLDER.fullmatch(folder.name) else folder.parent


def subject_files(folder: Path, ending: str) -> dict[str, Path]:
    """By subject the files ``sub-XX<ending>`` that lie in the subjects' folders, sorted."""
    paths = {label: subject_path(folder, label) / f"sub-{label}{ending}" for label in labels_in(folder)}
    return {label: path for label, path in paths.items() if path.exists()}


def only_session(subject: str, there: Collection[str], source: Path) -> str:
    """A subject's label, completed by the session where there is but one.

    Parameters
    ----------
    there : the labels that there are.
    source : where they are.

    Raises
    ------
    DatasetError
        if there are several.
    """
    participant, session = split_label(subject)
    if session is not None or subject in there:
        return subject
    found = sorted(label for label in there if split_label(label)[0] == participant)
    if len(found) > 1:
        names = ", ".join(str(split_label(label)[1]) for label in found)
        fault = _("holds several sessions of sub-{subject} ({names})").format(subject=subject, names=names)
        raise DatasetError(fault, source, _(": name one with --session"))
    return found[0] if found else subject


def _labels_of(folder: Path, participant: str) -> Iterator[str]:
    try:
        entries = list(folder.iterdir())
    except OSError:  # who opens the subject is told; the others are listed
        entries = []
    sessions = [entry.name for entry in entries if _SESSION_FOLDER.fullmatch(entry.name) and entry.is_dir()]
    yield from (of_session(participant, session_label(name)) for name in sessions)
    # what was marked or scanned before there were sessions lies beside them
    if not sessions or any(entry.name == "anat" or entry.name.startswith("sub") for entry in entries):
        yield participant
