"""Whose annotations of a subject there are, and which of them may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from SpineRootLib.agreement.reading_raters import holds_program
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
    signed_off : declared finished; before, it is shown to nobody else. A program's work needs no sign-off.
    on : the day of it.
    why_not : where it is not, the reason.
    is_program : whether it is no person's: all of it came of label maps.
    """

    label: str
    signed_off: bool
    on: str = ""
    why_not: str = ""
    is_program: bool = False

    @property
    def state(self) -> str:
        """What a user reads beside the label."""
        if self.is_program:
            return _("a model: measured, no vote")
        return _("signed off {day}").format(day=self.on) if self.signed_off else self.why_not


def choices(dataset: Dataset, subject: str) -> list[Choice]:
    """The annotators of a subject."""
    return [_choice(dataset, subject, label) for label in dataset.annotators(subject)]


def has_consensus(dataset: Dataset, subject: str) -> bool:
    """Whether the subject's annotators agreed already."""
    try:
        return subject_folder(dataset.markers(), subject).is_dir()
    except SpineRootError:
        return False


def require_several(dataset: Dataset, subject: str, labels: Sequence[str]) -> None:
    """See that there are two annotators to compare.

    Raises
    ------
    SpineRootError
        if there are not; it says of every other why it cannot be compared.
    """
    if len(labels) > 1:
        return
    fault = _("tick two annotators or more to compare them")
    others = [choice for choice in choices(dataset, subject) if not choice.signed_off]
    if others:
        why = ", ".join(f"{choice.label} ({choice.why_not})" for choice in others)
        fault = _("{fault}; what cannot be ticked: {why}").format(fault=fault, why=why)
    raise SpineRootError(fault)


def require_seen(dataset: Dataset, subject: str, label: str) -> None:
    """See that an annotator's work may be shown: it is signed off, or nobody else works on the subject.

    Raises
    ------
    DatasetError
        if it may not.
    """
    known = choices(dataset, subject)
    if len(known) > 1 and not any(choice.label == label and choice.signed_off for choice in known):
        fault = _("{label} has not signed off sub-{subject}: nobody else sees the work before that")
        raise DatasetError(fault.format(label=label, subject=subject), dataset.markers(label))


def _choice(dataset: Dataset, subject: str, label: str) -> Choice:
    try:
        sidecar = sidecar_path(subject_folder(dataset.markers(label), subject), subject)
        document = Provenance.read(sidecar).document
    except SpineRootError as error:
        return Choice(label, signed_off=False, why_not=str(error))
    signed = document.get("SignOff") or document.get("Consensus")  # who agreed has signed off before
    if signed:
        return Choice(label, signed_off=True, on=str(signed.get("Date", ""))[:10] if isinstance(signed, dict) else "")
    if _is_program(dataset, subject, label):
        return Choice(label, signed_off=True, is_program=True)
    if sidecar.exists():
        return Choice(label, signed_off=False, why_not=_("not signed off"))
    missing = _("not signed off: {file} is missing; open the subject in the Annotator as {label} and sign it off there")
    return Choice(label, signed_off=False, why_not=missing.format(file=sidecar.name, label=label))


def _is_program(dataset: Dataset, subject: str, label: str) -> bool:
    try:
        return holds_program(dataset.markers(label), subject)
    except SpineRootError:
        return False
