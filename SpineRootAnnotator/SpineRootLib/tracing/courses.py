"""The courses of all roots between their marks: each a belief of its own that hears of the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.anatomy import Root
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.confidence import course_confidence
from SpineRootLib.tracing.course_posterior import CoursePosterior, square_grid
from SpineRootLib.tracing.course_prior import CoursePrior, course_prior
from SpineRootLib.tracing.dots import Dots
from SpineRootLib.tracing.motion import correlations, displacements, finely, window_offsets
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

Array = NDArray[np.float64]
Marks = Mapping[int, Flat]
# By slice where a root is believed to be, (2,) mm, and the variance of each coordinate, mm2.
Places = Mapping[int, tuple[Flat, float]]
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


class _Belief:
    """What is believed of one root while the courses are found."""

    def __init__(self, prior: CoursePrior, marks: Marks, views: Views, centres: Mapping[int, Flat], s: TracingSettings):
        self.settings, self.views, self.centres = s, views, centres
        self.posterior = CoursePosterior(prior, s.posterior)
        self.numbers = prior.numbers
        self.marked = np.isin(prior.numbers, list(marks))
        self.prior = prior

    def look_at_motion(self) -> None:
        """Take in the picture's own motion along the course as it is believed now."""
        if len(self.numbers) < 2:
            return
        s, mean = self.settings.motion, self.posterior.marginals().mean
        window, wide = window_offsets(s)
        first = np.array([self._brightness(n, at + window) for n, at in zip(self.numbers[:-1], mean[:-1], strict=True)])
        second = np.array([self._brightness(n, at + wide) for n, at in zip(self.numbers[1:], mean[1:], strict=True)])
        found = finely(correlations(first, second, s), s)
        offsets = np.broadcast_to(displacements(s).reshape(1, -1, 2), (len(found), found[0].size, 2))
        self.posterior.believe_steps(offsets, s.gain * found.reshape(len(found), -1))

    def look_at_dots(self, others: Sequence[Places]) -> None:
        """Take in the dots near the course as it is believed now."""
        offsets = square_grid(self.posterior.marginals(), self.settings.posterior)
        self.posterior.believe_places(offsets, self._evidence(offsets, others))

    def course(self, others: Sequence[Places]) -> Course:
        """The course as it is believed at last."""
        offsets = square_grid(self.posterior.marginals(), self.settings.posterior)
        found, weight = self.posterior.tilted(offsets, self._evidence(offsets, others))
        seen = self._seen(offsets, weight)
        crowd = self._crowd(found.mean)
        confidence = course_confidence(self.prior.deviation, seen, crowd, self.settings.confidence)
        spread = np.trace(found.covariance, axis1=1, axis2=2)
        deviation = np.sqrt(spread + (1.0 - confidence) * self.settings.confidence.astray_mm**2)
        return Course(self.numbers, found.mean, deviation, confidence, seen)

    def _crowd(self, mean: Flat) -> Array:
        """How many dots there are onto which the course might slip, (n,), part of what a crowd has there; at most 1."""
        s = self.settings.confidence
        reach = np.clip(s.slip_mm + 2 * self.prior.deviation, 0.0, s.farthest_slip_mm)
        rivals = [
            max(len(self._dots(int(number)).near(at, within)) - 1, 0)
            for number, at, within in zip(self.numbers, mean, reach, strict=True)
        ]
        share = np.array(rivals) / (s.crowd_per_mm2 * np.pi * reach**2)
        return np.asarray(ndimage.maximum_filter1d(np.minimum(share, 1.0), s.slip_slices, mode="nearest"))

    def places(self) -> Places:
        """For the others: where it is believed to be by slice, (2,), and the variance of each coordinate, mm2."""
        belief = self.posterior.marginals()
        spread = np.trace(belief.covariance, axis1=1, axis2=2) / 2
        return {int(n): (at, float(v)) for n, at, v in zip(self.numbers, belief.mean, spread, strict=True)}

    def _evidence(self, offsets: Array, others: Sequence[Places]) -> Array:
        """Log-likelihoods at offsets, (n, g, 2), from the course as it is believed now; (n, g)."""
        s, mean = self.settings.dots, self.posterior.marginals().mean
        found = np.zeros(offsets.shape[:2])
        for row, number in enumerate(map(int, self.numbers)):
            if self.marked[row]:
                continue
            at = mean[row] + offsets[row]
            found[row] = self._dots(number).evidence(at, s)
            reach = float(np.abs(offsets[row]).max())
            for place, variance in (each[number] for each in others if number in each):
                width = s.claim_mm**2 + variance
                if np.abs(place - mean[row]).max() > reach + 3 * width**0.5:
                    continue
                away = np.sum((at - place) ** 2, axis=1)
                found[row] -= s.claim * s.claim_mm**2 / width * np.exp(-0.5 * away / width)
        return found

    def _seen(self, offsets: Array, weight: Array) -> NDArray[np.bool_]:
        """Whether a dot is seen where the root is believed to be, (n,)."""
        s, mean = self.settings.dots, self.posterior.marginals().mean
        share = [
            float(weight[row] @ self._dots(int(number)).seen(mean[row] + offsets[row], s))
            for row, number in enumerate(self.numbers)
        ]
        return np.array(share) >= _SEEN

    def _dots(self, number: int) -> Dots:
        return self.views.dots(number, self.centres[number])

    def _brightness(self, number: int, at: Array) -> Array:
        view = self.views.view(int(number), self.centres[int(number)])
        return view.patch.sample(view.relative, at).astype(np.float64)


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
        motion, sweeps, rounds = self._turns()
        total = len(beliefs) * (1 + sweeps)
        for done, belief in enumerate(beliefs.values()):
            report(progress, done / total, "Looking at what moves from slice to slice")
            for _ in range(motion):
                belief.look_at_motion()
        places |= {root: belief.places() for root, belief in beliefs.items()}
        for sweep in range(sweeps):
            for index, (root, belief) in enumerate(beliefs.items()):
                report(progress, (len(beliefs) * (1 + sweep) + index) / total, f"Following {root}")
                others = [each for other, each in places.items() if other != root]
                for _ in range(rounds):
                    belief.look_at_dots(others)
                belief.look_at_motion()
                places[root] = belief.places()
        asked = beliefs if roots is None else [root for root in roots if root in beliefs]
        return {root: beliefs[root].course([each for other, each in places.items() if other != root]) for root in asked}

    def _turns(self) -> tuple[int, int, int]:
        s = self.settings.posterior
        return s.motion_rounds, s.sweeps, s.rounds

    def _beliefs(self, marks: Mapping[Root, Marks], extents: Mapping[Root, tuple[int, int]]) -> dict[Root, _Belief]:
        """What is believed from the marks alone."""
        priors = {}
        for root in sorted(marks):
            if marks[root]:
                first, last = extents.get(root, (min(marks[root]), max(marks[root])))
                numbers = np.arange(first, last + 1)
                priors[root] = course_prior(numbers, marks[root], self.views.planes.spacing, self.settings.course)
        centres = _centres(list(priors.values()))
        return {root: _Belief(prior, marks[root], self.views, centres, self.settings) for root, prior in priors.items()}


def _centres(priors: Sequence[CoursePrior]) -> dict[int, Flat]:
    """The middle of all roots on each slice, (2,) mm."""
    found: dict[int, list[Flat]] = {}
    for prior in priors:
        for number, at in zip(prior.numbers, prior.mean, strict=True):
            found.setdefault(int(number), []).append(at)
    return {number: (np.max(each, axis=0) + np.min(each, axis=0)) / 2 for number, each in found.items()}
