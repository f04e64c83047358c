"""Contours of the cord between every tenth on scans of people, against interpolation; prints a row for each volume.

    python Testing/benchmark/scans.py [FOLDER]

The folder holds volumes ``X.nii.gz`` with the cord drawn by hand in ``X_seg-manual.nii.gz``, by default the ones beside
the repository. They are T2*-weighted volumes of the neck: no CISS, and none is in the repository.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from interpolate import interpolated
from score import contour_scores

from SpineRootLib.anatomy import CORD
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import Image, read_image
from SpineRootLib.tracing import Tracer
from SpineRootLib.tracing.slices import SliceStack

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "scans"
_RAYS = 48
_EVERY = 10


def drawn_cord(mask: Image) -> Annotation:
    """The cord of a mask as contours: on rays from its middle, where the mask falls to a half."""
    stack = SliceStack(mask)
    found = Annotation("01", planes=stack.planes)
    turn = 2 * np.pi * np.arange(_RAYS) / _RAYS
    away = np.column_stack([np.cos(turn), np.sin(turn)])
    for number in range(1, stack.planes.count + 1):
        whole = stack.patch(number, np.zeros(2), 1e4)
        index = np.argwhere(whole.pixels > 0.5)
        if len(index) < 12:
            continue
        middle = whole.to_flat(index).mean(axis=0)
        radii = np.arange(0.0, 15.0, 0.05)
        profile = whole.sample(whole.pixels, middle + away[:, None] * radii[:, None])
        edge = radii[np.argmax(profile < 0.5, axis=1)]
        found.set_contour(CORD, number, stack.planes.lift(middle + away * edge[:, None], number)[::2])
    return found


def main() -> None:
    """Print a row for each volume."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    print("| volume | interpolation, mean mm | tracer, mean mm | refused |\n| --- | --- | --- | --- |")
    for path in sorted(folder.glob("*_seg-manual.nii.gz")):
        image = read_image(path.with_name(path.name.replace("_seg-manual", "")))
        truth = drawn_cord(read_image(path))
        contours, sparse = truth.contours_by_slice(CORD), Annotation("01", planes=truth.planes)
        for number in sorted({*list(contours)[::_EVERY], max(contours)}):
            sparse.set_contour(CORD, number, contours[number].points)
        control = contour_scores(truth, sparse, interpolated(sparse), CORD)
        done = Annotation("01", planes=truth.planes)
        ends = min(contours), max(contours)
        for each in Tracer(image).propose_contours(CORD, sparse, first=ends[0], last=ends[1]):
            if each.points is not None and each.slice is not None:
                done.set_contour(CORD, each.slice, each.points)
        traced = contour_scores(truth, sparse, done, CORD)
        name = path.name.replace("_seg-manual.nii.gz", "")
        print(f"| {name} | {np.mean(control.off):.3f} | {np.mean(traced.off):.3f} | {traced.missing} |", flush=True)


if __name__ == "__main__":
    main()
