"""The folder of the consensus: the agreed markups, and beside them what was discussed and how it was settled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SpineRootLib.agreement.consensus import Consensus
from SpineRootLib.agreement.disagreements import DISAGREEMENTS, Disagreement
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import DatasetError
from SpineRootLib.generated_annotation import Generated, write_generated
from SpineRootLib.naming import subject_path
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _

CONSENSUS_TITLE = "The annotators' consensus"


def disagreements_path(markers: Path, subject: str) -> Path:
    """The table of a subject's disagreements."""
    return markers / f"sub-{subject}_disagreements.tsv"


def resolutions_path(markers: Path, subject: str) -> Path:
    """The file of a subject's resolutions."""
    return markers / f"sub-{subject}_resolutions.json"


def check_free(markers: Path, subject: str, in_panel: str = "") -> None:
    """See that a folder holds no annotator's work, which the consensus would replace.

    Parameters
    ----------
    in_panel : what to do then in a panel.

    Raises
    ------
    DatasetError
        if it does.
    """
    found = Provenance.read(sidecar_path(subject_path(markers, subject), subject))
    if found.annotator is not None and not found.is_consensus:
        fault = _("is annotator {annotator}'s work, which the consensus would replace")
        told = fault.format(annotator=found.annotator)
        raise DatasetError(told, subject_path(markers, subject), _(": choose another --out"), in_panel)


def write_disagreements(
    markers: Path, subject: str, disagreements: Sequence[Disagreement], resolutions: Resolutions
) -> list[Path]:
    """Write what is to be discussed, ranked, and what was settled; the files written are returned."""
    rows = [each.row(rank, resolutions.state(each.place)) for rank, each in enumerate(disagreements, start=1)]
    files = write_exactly(disagreements_path(markers, subject), DISAGREEMENTS, rows)
    stored = resolutions_path(markers, subject)
    if resolutions.by_place or stored.exists():
        files.append(resolutions.write(stored))
    return files


def write_consensus(markers: Path, consensus: Consensus, durable: bool = True) -> Generated:
    """Write the agreed markups and their sidecar.

    What lies there and no consensus wrote, such as a published annotation or a consensus that somebody corrected, is
    kept in a folder of its own.

    Parameters
    ----------
    durable : flush each file to the disk before it replaces the old one.
    """
    annotation = consensus.annotation
    folder = subject_path(markers, annotation.subject)
    before = Provenance.read(sidecar_path(folder, annotation.subject)).document
    for key, value in before.items():
        if key not in ("Structures", "SignOff", "Annotator"):
            annotation.provenance.document.setdefault(key, value)
    made = write_generated(markers, annotation, "consensus", durable)
    write_description(markers, CONSENSUS_TITLE)
    return made
