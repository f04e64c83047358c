"""Annotators' folders made from annotations, as they come from the Annotator."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.annotation_files import write_annotation

# the affine of slices as `straight_spine` has them at 2 mm, untilted: 80 x 80 voxels around the sac, upside down
CISS = {
    "File": "sub-01_CISS.nii.gz",
    "SHA256": "5" * 64,
    "Shape": [80, 80, 20],
    "Affine": [[0.3, 0, 0, -9.0], [0, 0.3, 0, -52.0], [0, 0, 2.0, -388.0], [0, 0, 0, 1]],
}


def moved(annotation: Annotation, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Annotation:
    """A copy whose every point, (n, 3), is moved."""
    other = copy.deepcopy(annotation)
    other.roots = {root: move(points) for root, points in annotation.roots.items()}
    other.ganglia = {root: move(point.reshape(1, 3))[0] for root, point in annotation.ganglia.items()}
    other.contours = {
        name: [Contour(move(contour.points), contour.source) for contour in contours]
        for name, contours in annotation.contours.items()
    }
    return other


def shifted(annotation: Annotation, vector: object) -> Annotation:
    """A copy moved by a vector, (3,) mm."""
    return moved(annotation, lambda points: points + np.asarray(vector, dtype=float))


def put(
    folder: Path, annotation: Annotation, annotator: str, signed: bool = True, ciss: dict[str, object] | None = CISS
) -> Path:
    """Write an annotator's folder with its sidecar; the folder is returned."""
    mine = copy.deepcopy(annotation)
    mine.annotator = annotator
    document = mine.provenance.document
    document["SignOff"] = {"By": annotator, "Date": "2026-01-01T00:00:00+00:00"} if signed else None
    if ciss is not None:
        document["Images"] = {"CISS": ciss}
    markers = folder / f"markers-{annotator}"
    write_annotation(markers, mine, durable=False)
    return markers
