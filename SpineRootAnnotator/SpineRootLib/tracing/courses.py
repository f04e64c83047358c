"""The courses of all roots between their marks: each a belief of its own that hears of the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.confidence import course_confidence
from SpineRootLib.tracing.course_belief import CourseBelief, DotsBySlice, Marks, Places
from SpineRootLib.tracing.course_looks import looks_of
from SpineRootLib.tracing.course_posterior import square_grid
from SpineRootLib.tracing.course_prior import CoursePrior, course_prior
from SpineRootLib.tracing.course_settings import DotSettings
from SpineRootLib.tracing.hypotheses import Stretch, chosen, stretches
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

Array = NDArray[np.float64]
# A dot counts as seen from this probability on.
_SEEN = 0.5


@dataclass(frozen=True, eq=False)
class Course:
    """A root on consecutive slices.

    Parameters
    ----------
    numbers : (n,) slice numbers.
    flat : (n, 2) in-plane mm, where the root most likely is.
    deviation : (n,) mm, root mean square of how far it may be from there.
    confidence : (n,) probability that it is no farther than 0.7 mm from there.
    by_image : (n,) whether a dot is seen there; else the place follows from the marks and the motion about it.
    """

    numbers: NDArray[np.int64]
    flat: Flat
    deviation: Array
    confidence: Array
    by_image: NDArray[np.bool_]

    def part(self, rows: slice) -> Course:
        """Some of the slices."""
        return Course(
            self.numbers[rows], self.flat[rows], self.deviation[rows], self.confidence[rows], self.by_image[rows]
        )


def _course(belief: CourseBelief, others: Sequence[Places], lead: Array, settings: TracingSettings) -> Course:
    """The course as it is believed at last."""
    offsets = square_grid(belief.posterior.marginals(), settings.posterior)
    found, weight = belief.posterior.tilted(offsets, belief.evidence(offsets, others))
    seen = _seen(belief, offsets, weight)
    confidence = course_confidence(looks_of(belief, found, seen, lead, settings.confidence), settings.confidence)
    spread = np.trace(found.covariance, axis1=1, axis2=2)
    deviation = np.sqrt(spread + (1.0 - confidence) * settings.confidence.astray_mm**2)
    return Course(belief.numbers, found.mean, deviation, confidence, seen)


def _seen(belief: CourseBelief, offsets: Array, weight: Array) -> NDArray[np.bool_]:
    """Whether a dot is seen where the root is believed to be, (n,)."""
    mean = belief.posterior.marginals().mean
    share = [
        float(weight[row] @ belief.dots(int(number)).seen(mean[row] + offsets[row], belief.settings.dots))
        for row, number in enumerate(belief.numbers)
    ]
    return np.array(share) >= _SEEN


class CourseTracer:
    """Finds the courses of roots, all together."""

    def __init__(self, views: Views, settings: TracingSettings):
        self.views, self.settings = views, settings

    def trace(
        self,
        marks: Mapping[Root, Marks],
        extents: Mapping[Root, tuple[int, int]] | None = None,
        roots: Sequence[Root] | None = None,
        progress: Progress | None = None,
    ) -> dict[Root, Course]:
        """The courses of roots from their first to their last mark, or as far as `extents` say.

        Parameters
        ----------
        marks : (2,) in-plane mm by root and slice number.
        extents : first and last slice by root.
        roots : those that are asked for, by default all; the others stay where their marks put them.
        """
        everybody = self._beliefs(marks, extents or {})
        # the others keep where their marks put them: what they claim there is enough
        places = {root: belief.places() for root, belief in everybody.items()}
        beliefs = {root: everybody[root] for root in (everybody if roots is None else roots) if root in everybody}
        sweeps, rounds = self.settings.posterior.sweeps, self.settings.posterior.last_rounds
        total = len(beliefs) * (1 + sweeps)
        found: list[Stretch] = []
        for done, (root, belief) in enumerate(beliefs.items()):
            report(progress, done / total, "Looking at what moves from slice to slice")
            _look_beyond_marks(belief)
            pairs = max(int(belief.marked.sum()) - 1, 1)
            for index, stretch in enumerate(stretches(root, belief), start=1):
                found.append(stretch)
                report(progress, (done + index / pairs) / total, f"Looking for the ways of {root}")
        lead = {root: np.full(len(belief.numbers), np.inf) for root, belief in beliefs.items()}
        for stretch in chosen(found):
            best = stretch.ways[0].belief
            beliefs[stretch.root].posterior.take(best.posterior)
            lead[stretch.root][np.isin(beliefs[stretch.root].numbers, best.numbers)] = stretch.odds()
        places |= {root: belief.places() for root, belief in beliefs.items()}
        for sweep in range(sweeps):
            for index, (root, belief) in enumerate(beliefs.items()):
                report(progress, (len(beliefs) * (1 + sweep) + index) / total, f"Following {root}")
                around = [each for other, each in places.items() if other != root]
                for _ in range(rounds):
                    belief.look_at_dots(around)
                belief.look_at_motion()
                places[root] = belief.places()
        asked = beliefs if roots is None else [root for root in roots if root in beliefs]
        others = {root: [each for other, each in places.items() if other != root] for root in asked}
        return {root: _course(beliefs[root], others[root], lead[root], self.settings) for root in asked}

    def _beliefs(
        self, marks: Mapping[Root, Marks], extents: Mapping[Root, tuple[int, int]]
    ) -> dict[Root, CourseBelief]:
        """What is believed from the marks alone."""
        priors = {}
        for root in sorted(marks):
            if marks[root]:
                first, last = extents.get(root, (min(marks[root]), max(marks[root])))
                numbers = np.arange(first, last + 1)
                priors[root] = course_prior(numbers, marks[root], self.views.planes.spacing, self.settings.course)
        around = DotsBySlice(self.views, _centres(list(priors.values())))
        settings = replace(self.settings, dots=_as_dark_as_marked(priors, marks, around, self.settings.dots))
        return {root: CourseBelief(prior, marks[root], around, settings) for root, prior in priors.items()}


def _as_dark_as_marked(
    priors: Mapping[Root, CoursePrior], marks: Mapping[Root, Marks], around: DotsBySlice, settings: DotSettings
) -> DotSettings:
    """The settings with roots as bright as they are where they are marked: with little contrast they are grey."""
    found = []
    for root, prior in priors.items():
        for number in prior.numbers[np.isin(prior.numbers, list(marks[root]))].tolist():
            dots = around.dots(number)
            if not dots.view.fault:
                found.append(float(dots.view.patch.sample(dots.core, marks[root][number][None])[0]))
    marked = float(np.median(found)) + settings.above_marked if found else 0.0
    return replace(settings, dark_from=float(np.clip(marked, settings.dark_from, settings.brightest)))


def _look_beyond_marks(belief: CourseBelief) -> None:
    """Take in what there is before the first and after the last mark; between marks courses are weighed instead."""
    s, marked = belief.settings.posterior, np.flatnonzero(belief.marked)
    every = np.arange(len(belief.numbers))
    rows = every if not len(marked) else every[(every < marked[0]) | (every > marked[-1])]
    if not len(rows):
        return
    steps = np.unique(np.concatenate([rows - 1, rows]))
    steps = steps[(steps >= 0) & (steps < len(every) - 1)]
    if len(marked):
        steps = steps[(steps < marked[0]) | (steps >= marked[-1])]
    for _ in range(s.motion_rounds):
        belief.look_at_motion(steps)
    for _ in range(s.rounds - s.last_rounds):
        belief.look_at_dots([], rows)


def _centres(priors: Sequence[CoursePrior]) -> dict[int, Flat]:
    """The middle of all roots on each slice, (2,) mm."""
    found: dict[int, list[Flat]] = {}
    for prior in priors:
        for number, at in zip(prior.numbers, prior.mean, strict=True):
            found.setdefault(int(number), []).append(at)
    return {number: (np.max(each, axis=0) + np.min(each, axis=0)) / 2 for number, each in found.items()}
