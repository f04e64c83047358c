"""The control: a sparse annotation completed without looking at the image.

    python Testing/benchmark/interpolate.py DATASET --subject 01 --annotator A --out MARKERS

Roots go along the smooth curve through their marks; contours change evenly from one drawn to the next.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.curves import centroid, closed_curve
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_image

_ANGLES = 2 * np.pi * np.arange(24) / 24


def interpolated(sparse: Annotation) -> Annotation:
    """Every slice between the marks of each structure."""
    planes = sparse.require_planes()
    found = Annotation(sparse.subject, sparse.annotator, planes, segments=sparse.segments)
    for root in sparse.roots:
        known = sparse.root_by_slice(root)
        numbers = sorted(known)
        between = np.arange(numbers[0], numbers[-1] + 1)
        places = np.array([known[number] for number in numbers])
        course = PchipInterpolator(numbers, places)(between) if len(numbers) > 1 else places
        for number, place in zip(between, course, strict=True):
            found.set_root_point(root, int(number), known.get(int(number), place))
    for structure in CONTOUR_STRUCTURES:
        drawn = {number: contour.points for number, contour in sparse.contours_by_slice(structure).items()}
        if len(drawn) < 2:
            continue
        numbers = sorted(drawn)
        shapes = np.array([_at_angles(planes.flatten(closed_curve(drawn[number]))) for number in numbers])
        between = np.arange(numbers[0], numbers[-1] + 1)
        for number, flat in zip(between, PchipInterpolator(numbers, shapes)(between), strict=True):
            found.set_contour(structure, int(number), drawn.get(int(number), planes.lift(flat, number)))
    return found


def _at_angles(curve: np.ndarray) -> np.ndarray:
    """A closed curve, (n, 2), at equal angles about its centre."""
    middle = centroid(curve)
    away = curve - middle
    angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
    order = np.argsort(angle)
    radius = np.interp(_ANGLES, angle[order], np.linalg.norm(away, axis=1)[order], period=2 * np.pi)
    return middle + radius[:, None] * np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])


def main() -> None:
    """Read, interpolate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--subject", required=True)
    parser.add_argument("--annotator", required=True)
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    dataset = Dataset.open(options.dataset)
    sparse = dataset.read(options.subject, options.annotator)
    path = dataset.image(options.subject, "CISS")
    if path is not None:
        sparse.planes = read_image(path).planes()
    write_annotation(options.out, interpolated(sparse))


if __name__ == "__main__":
    main()
