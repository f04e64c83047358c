"""Datasets with two subjects, each traced by two annotators."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

from links import link_or_copy
from SpineRootLib.dataset import Dataset
from two_annotators import put


def add_subject(
    dataset: Path, label: str = "02", shift_mm: float = 1.0, annotators: Sequence[str] = ("A", "B")
) -> None:
    """Add somebody who looks as subject 01 does, traced by annotators of 01 a little to the right.

    The images of 01 may be links to those of other tests, and stay as they are.
    """
    images = dataset / "rawdata"
    originals = images.resolve()
    if images.is_symlink():
        images.unlink()
        images.mkdir()
        for path in originals.iterdir():
            link_or_copy(images / path.name, path)
    for path in [path for path in (originals / "sub-01").rglob("*") if path.is_file()]:
        copied = images / str(path.relative_to(originals)).replace("sub-01", f"sub-{label}")
        copied.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(copied, path)
    for annotator in annotators:
        annotation = copy.deepcopy(Dataset.open(dataset).read("01", annotator))
        annotation.subject = label
        annotation.roots = {root: points + [shift_mm, 0.0, 0.0] for root, points in annotation.roots.items()}
        put(dataset, annotator, annotation, signed_off=True)
