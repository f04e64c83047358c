"""What single clicks give, and whether the tracer takes the image for another subject's; prints JSON.

    python Testing/benchmark/clicks.py DATASET SUBJECT SEED [--annotator]

Runs under the tree of any tracer that has the `Tracer` of this one; reads the truth and the sparse marks from files.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from score import JITTER_MM, contour_distance

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import Image, read_image
from SpineRootLib.tracing import Tracer

# Standard deviation of a click into the middle of dura or cord, mm; every so manieth slice is clicked.
_INNER_MM, _EVERY = 1.0, 3


def contour_clicks(tracer: Tracer, truth: Annotation, seed: int) -> dict[str, list[float | None]]:
    """By structure the mean distance of the contour found from one click, mm; None where it was refused."""
    random = np.random.default_rng(seed)
    planes, found = tracer.planes, {}
    for structure in CONTOUR_STRUCTURES:
        off: list[float | None] = []
        for number, contour in list(truth.contours_by_slice(structure).items())[::_EVERY]:
            middle = centroid(planes.flatten(contour.curve())) + random.normal(0, _INNER_MM, 2)
            proposal = tracer.propose_contour(structure, number, click=planes.lift(middle, number)[0])
            off.append(contour_distance(contour.curve(), proposal.points) if proposal.points is not None else None)
        found[structure] = off
    return found


def root_clicks(tracer: Tracer, truth: Annotation, seed: int) -> list[float | None]:
    """How far from the truth a click for a root comes to lie, mm; None where it was refused."""
    random = np.random.default_rng(seed)
    planes, off = tracer.planes, []
    for root in sorted(truth.roots):
        for number, point in list(truth.root_by_slice(root).items())[::_EVERY]:
            click = planes.flatten(point)[0] + random.normal(0, JITTER_MM, 2)
            proposal = tracer.snap(planes.lift(click, number)[0])
            off.append(None if proposal.position is None else float(np.linalg.norm(proposal.position - point)))
    return off


def mirrored(image: Image) -> Image:
    """The image with left and right exchanged, on the same grid."""
    axis = int(np.argmax(np.abs(image.affine[0, :3])))
    return replace(image, voxels=np.flip(image.voxels, axis=axis))


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("subject")
    parser.add_argument("seed", type=int)
    parser.add_argument(
        "--annotator", action="store_true", help="also let the simulated annotator do the whole subject"
    )
    options = parser.parse_args()
    dataset = Dataset.open(options.dataset)
    path = dataset.image(options.subject, "CISS")
    if path is None:
        sys.exit("no image")
    image = read_image(path)
    tracer = Tracer(image)
    truth = dataset.read(options.subject)
    truth.planes = tracer.planes
    sparse = dataset.read(options.subject, "every10")
    sparse.planes = tracer.planes
    found = {
        "contours": contour_clicks(tracer, truth, options.seed),
        "roots": root_clicks(tracer, truth, options.seed),
        "own": tracer.misfit(sparse),
        "mirrored": Tracer(mirrored(image)).misfit(sparse),
    }
    if options.annotator:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "measure"))
        from guesses import ByInterpolation, ByTracer
        from simulated_annotator import Habits, SimulatedAnnotator

        for name, guesses in (("clicks", ByTracer(tracer)), ("clicks by the control", ByInterpolation(tracer.planes))):
            habits = Habits(only_ends=False)
            tally = SimulatedAnnotator(truth, tracer.planes, guesses, habits, options.seed).annotate()
            found[name] = {"start": tally.start.total(), **{k: int(v) for k, v in tally.corrections.items()}}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
