"""How far one annotator is with the subjects of a dataset. Nobody else's folder is looked into."""

from __future__ import annotations

from enum import StrEnum

from SpineRootLib.annotation_files import holds_markups, sidecar_path
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import SpineRootError
from SpineRootLib.naming import annotator_label, subject_path
from SpineRootLib.provenance import Provenance


class Progress(StrEnum):
    """Of one subject."""

    DONE = "done"
    BEGUN = "begun"
    UNTOUCHED = "untouched"


def progress(dataset: Dataset, annotator: str) -> dict[str, Progress]:
    """By subject: signed off, begun, or untouched by the annotator."""
    markers = dataset.markers(annotator_label(annotator))
    by_subject: dict[str, Progress] = {}
    for subject in dataset.subjects():
        folder = subject_path(markers, subject)
        if not holds_markups(folder):
            by_subject[subject] = Progress.UNTOUCHED
            continue
        try:
            signed_off = Provenance.read(sidecar_path(folder, subject)).signed_off
        except SpineRootError:
            signed_off = False
        by_subject[subject] = Progress.DONE if signed_off else Progress.BEGUN
    return by_subject
