"""The frozen cases of the benchmark: phantoms, and the marks from which a tracer starts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.phantom import ImageSettings, PhantomSettings, ScanSettings

# Standard deviation of a mark and of a contour's control point, each coordinate, mm (sub-03: 0.12).
JITTER_MM = 0.12
# Contours are drawn on every so manieth slice.
CONTOURS_EVERY = 10
_FINE = ScanSettings(crop_to_sac=True)


@dataclass(frozen=True)
class Marks:
    """Which points of each root are marked: every so manieth slice and the last; 0 for the first and the last alone."""

    name: str
    every: int


EVERY_10, EVERY_20, ENDS = Marks("every10", 10), Marks("every20", 20), Marks("ends", 0)


@dataclass(frozen=True)
class Case:
    """A phantom and the marks to start from.

    Parameters
    ----------
    group : the row of the tables to which it belongs.
    value : where it stands on the curve of its group.
    """

    group: str
    seed: int
    settings: PhantomSettings
    marks: tuple[Marks, ...] = (EVERY_10,)
    value: float = 0.0
    tags: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """A file name."""
        return f"{self.group}-{self.value:g}-{self.seed}".replace(" ", "_")


def sparse(truth: Annotation, marks: Marks, seed: int, annotator: str) -> Annotation:
    """What an annotator marked before the tracer is asked: jittered points of roots, and contours on every tenth slice.

    The ganglia are the truth's.
    """
    planes = truth.require_planes()
    random = np.random.default_rng([seed, marks.every])
    found = Annotation(truth.subject, annotator, planes, segments=truth.segments)

    def shaken(points: np.ndarray) -> np.ndarray:
        right, front = random.normal(0, JITTER_MM, (2, len(points)))
        return points + right[:, None] * planes.right + front[:, None] * planes.anterior

    for root in sorted(truth.roots):
        points = truth.root_by_slice(root)
        numbers = sorted(points)
        chosen = {numbers[0], numbers[-1], *(numbers[:: marks.every] if marks.every else ())}
        for number in sorted(chosen):
            found.set_root_point(root, number, shaken(points[number][None])[0])
    for structure in CONTOUR_STRUCTURES:
        contours = truth.contours_by_slice(structure)
        numbers = list(contours)
        for number in sorted({*numbers[::CONTOURS_EVERY], numbers[-1]}):
            found.set_contour(structure, number, shaken(contours[number].points))
    found.ganglia = dict(truth.ganglia)
    return found
