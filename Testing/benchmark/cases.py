"""The frozen cases of the benchmark: phantoms, and the marks from which a tracer starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from score import JITTER_MM

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, DEFAULT_SEGMENTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.phantom import PhantomSettings, ScanSettings
from SpineRootLib.phantom.challenges import CHALLENGES

# Contours are drawn on every so manieth slice.
CONTOURS_EVERY = 10
_FINE = ScanSettings(crop_to_sac=True)


@dataclass(frozen=True)
class Marks:
    """Which points of each root are marked: every so manieth slice and the last; 0 for the first and the last alone.

    Of each end `skip` slices are left out, as if it were not known.
    """

    name: str
    every: int
    skip: int = 0


EVERY_5, EVERY_10, EVERY_20, ENDS = (Marks("every5", 5), Marks("every10", 10), Marks("every20", 20), Marks("ends", 0))
INNER = Marks("inner", 10, 6)


@dataclass(frozen=True)
class Case:
    """A phantom and the marks to start from.

    Parameters
    ----------
    group : the row of the tables to which it belongs.
    value : where it stands on the curve of its group.
    label : the same in words.
    tags : ``clicks``: single clicks are tried, too; ``annotator``: and the simulated annotator does the whole subject.
    """

    group: str
    seed: int
    settings: PhantomSettings
    marks: tuple[Marks, ...] = (EVERY_10,)
    value: float = 0.0
    label: str = ""
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A file name."""
        return f"{self.group}-{self.label or format(self.value, 'g')}-{self.seed}".replace(" ", "-")


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
        numbers = sorted(points)[marks.skip : len(points) - marks.skip]
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


def all_cases() -> tuple[Case, ...]:
    """Every case of the benchmark. Seeds 1-8 were looked at while the tracer was tuned, all others never."""
    crowd = PhantomSettings(scan=_FINE)
    every = (EVERY_10, EVERY_20, ENDS, EVERY_5, INNER)
    cases = [Case("tuning", seed, crowd) for seed in (1, 2, 3)]
    cases += [Case("crowd", seed, crowd, every, tags=("clicks", "annotator")) for seed in (61, 62, 63)]
    cases += [Case("crowding", 71, crowd.with_crowding(value), value=value) for value in (0.0, 0.5, 0.8)]
    cases += [Case("noise", 72, _with_image(crowd, noise=value), value=value) for value in (0.03, 0.09, 0.15)]
    cases += [Case("contrast", 73, _with_image(crowd, csf_to_root=value), value=value) for value in (1.7, 2.2, 3.0)]
    for number, (name, challenge) in enumerate(CHALLENGES.items()):
        settings = challenge(crowd)
        settings = replace(settings, anatomy=replace(settings.anatomy, segments=DEFAULT_SEGMENTS))
        cases.append(Case("setting", 81 + number, settings, label=name))
    return tuple(cases)


def _with_image(settings: PhantomSettings, **changes: float) -> PhantomSettings:
    return replace(settings, image=replace(settings.image, **changes))
