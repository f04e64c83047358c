"""One annotator's work on one subject: what is annotated, and where it lies; nothing of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import holds_markups, read_annotation, sidecar_path
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_planes
from SpineRootLib.naming import annotator_label, subject_label
from SpineRootLib.provenance import Provenance


@dataclass
class SubjectWork:
    """The annotation of a subject by an annotator, and its files.

    Parameters
    ----------
    markers : the annotator's folder of markups, ``derivatives/markers-A``.
    images : the subject's image files by name (``CISS``, ``DESS``, ``T2TSE``), as far as they are there.
    """

    dataset: Dataset
    annotation: Annotation
    markers: Path
    images: dict[str, Path]

    @classmethod
    def open(
        cls, dataset: Dataset, subject: str, annotator: str, segments: Sequence[str] = DEFAULT_SEGMENTS
    ) -> SubjectWork:
        """What the annotator marked so far, an empty annotation where nothing was.

        Raises
        ------
        SpineRootError
            if a label is none, or a file is damaged.
        """
        label, annotator = subject_label(subject), annotator_label(annotator)
        markers = dataset.markers(annotator)
        images = dataset.images(label)
        planes = read_planes(images["CISS"]) if "CISS" in images else None
        folder = markers / f"sub-{label}"
        if holds_markups(folder):
            annotation = read_annotation(markers, label, planes, segments, annotator)
        else:
            provenance = Provenance.read(sidecar_path(folder, label))
            annotation = Annotation(label, annotator, planes, provenance=provenance, segments=tuple(segments))
        return cls(dataset, annotation, markers, images)

    @property
    def folder(self) -> Path:
        """The folder of the subject's markups."""
        return self.markers / f"sub-{self.annotation.subject}"
