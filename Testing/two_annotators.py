"""A dataset in which two annotators traced one subject, with differences that are known."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import numpy as np

from links import link_or_copy
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset

# B marks everything half a millimetre from where A does: 0.3 to the right, 0.4 to the front
SHIFT = np.array([0.3, 0.4, 0.0])
# and one point of this root 6 mm farther to the right: 6.31 mm, beyond the 5 mm that must be settled
DISPUTED, DISPUTED_MM = Root("L3", "L"), float(np.hypot(6.3, 0.4))


def write_two_annotators(phantom: Path, dataset: Path) -> Path:
    """Copy a phantom's truth as annotator A's and, shifted, as B's, both signed off; the images are linked."""
    link_or_copy(dataset / "rawdata", phantom / "rawdata")
    shutil.rmtree(dataset / "derivatives", ignore_errors=True)
    truth = Dataset.open(phantom).read("01")
    for label, annotation in (("A", truth), ("B", _shifted(truth))):
        put(dataset, label, annotation, signed_off=True)
    return dataset


def disputed_slice(dataset: Path) -> int:
    """The slice on which the disputed point lies: the fifth of its root."""
    return sorted(Dataset.open(dataset).read("01", "A").root_by_slice(DISPUTED))[4]


def put(dataset: Path, label: str, annotation: Annotation, signed_off: bool) -> None:
    """Write an annotation as an annotator's."""
    mine = copy.deepcopy(annotation)
    mine.annotator = label
    mine.provenance.document.pop("Consensus", None)
    mine.provenance.document["SignOff"] = {"By": label, "Date": "2026-01-01"} if signed_off else None
    write_annotation(dataset / "derivatives" / f"markers-{label}", mine, durable=False)


def _shifted(truth: Annotation) -> Annotation:
    moved = copy.deepcopy(truth)
    moved.roots = {root: points + SHIFT for root, points in truth.roots.items()}
    moved.ganglia = {root: point + SHIFT for root, point in truth.ganglia.items()}
    moved.contours = {
        name: [Contour(contour.points + SHIFT) for contour in contours] for name, contours in truth.contours.items()
    }
    number = sorted(truth.root_by_slice(DISPUTED))[4]
    far = moved.root_by_slice(DISPUTED)[number] + [6.0, 0.0, 0.0]
    moved.set_root_point(DISPUTED, number, far)
    return moved
