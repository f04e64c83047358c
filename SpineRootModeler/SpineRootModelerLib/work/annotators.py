"""Whose annotations of a subject there are, and which of them may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootLib.annotation_files import sidecar_path, subject_folder
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _


@dataclass(frozen=True)
class Choice:
    """One annotator's work on a subject.

    Parameters
    ----------
    signed_off : declared finished; before, it is shown to nobody else.
    on : the day of it.
    """

    label: str
    signed_off: bool
    on: str = ""


def choices(dataset: Dataset, subject: str) -> list[Choice]:
    """The annotators of a subject."""
    return [_choice(dataset, subject, label) for label in dataset.annotators(subject)]


def has_consensus(dataset: Dataset, subject: str) -> bool:
    """Whether the subject's annotators agreed already."""
    try:
        return subject_folder(dataset.markers(), subject).is_dir()
    except SpineRootError:
        return False


def require_seen(dataset: Dataset, subject: str, label: str) -> None:
    """See that an annotator's work may be shown: it is signed off, or nobody else works on the subject.

    Raises
    ------
    DatasetError
        if it may not.
    """
    known = choices(dataset, subject)
    if len(known) > 1 and not any(choice.label == label and choice.signed_off for choice in known):
        fault = _("{label} has not signed off sub-{subject}: nobody else sees the work before")
        raise DatasetError(fault.format(label=label, subject=subject), dataset.markers(label))


def _choice(dataset: Dataset, subject: str, label: str) -> Choice:
    try:
        folder = subject_folder(dataset.markers(label), subject)
        document = Provenance.read(sidecar_path(folder, subject)).document
        signed = document.get("SignOff") or document.get("Consensus")  # who agreed has signed off before
    except SpineRootError:
        signed = None
    day = str(signed.get("Date", ""))[:10] if isinstance(signed, dict) else ""
    return Choice(label, bool(signed), day)
