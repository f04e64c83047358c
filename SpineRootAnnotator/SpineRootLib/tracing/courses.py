"""The courses of all roots between their marks: each a belief of its own that hears of the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.course_posterior import CoursePosterior, Gaussians, square_grid
from SpineRootLib.tracing.course_prior import CoursePrior, course_prior
from SpineRootLib.tracing.motion import correlations, displacements, window_offsets
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

Array = NDArray[np.float64]
Marks = Mapping[int, Flat]


@dataclass(frozen=True, eq=False)
class Course:
    """A root on consecutive slices.

    Parameters
    ----------
    numbers : (n,) slice numbers.
    flat : (n, 2) in-plane mm, where the root most likely is.
    deviation : (n,) mm, root mean square of how far it may be from there.
    confidence : (n,) probability that it is no farther than `right_mm` from there.
    by_image : (n,) whether the image had a say; else the marks alone.
    """

    numbers: NDArray[np.int64]
    flat: Flat
    deviation: Array
    confidence: Array
    by_image: NDArray[np.bool_]


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
        s, mean = self.settings.motion, self.posterior.marginals().mean
        window, wide = window_offsets(s)
        first = np.array([self._brightness(n, at + window) for n, at in zip(self.numbers[:-1], mean[:-1], strict=True)])
        second = np.array([self._brightness(n, at + wide) for n, at in zip(self.numbers[1:], mean[1:], strict=True)])
        found = correlations(first, second, s)
        offsets = np.broadcast_to(displacements(s).reshape(1, -1, 2), (len(found), found[0].size, 2))
        self.posterior.believe_steps(offsets, s.gain * found.reshape(len(found), -1))

    def look_at_dots(self, others: Sequence[Mapping[int, tuple[Flat, float]]]) -> None:
        """Take in the dots near the course as it is believed now."""
        offsets = square_grid(self.posterior.marginals(), self.settings.posterior)
        self.posterior.believe_places(offsets, self._evidence(offsets, others))

    def course(self, others: Sequence[Mapping[int, tuple[Flat, float]]]) -> Course:
        """The course as it is believed at last."""
        s = self.settings.posterior
        belief = self.posterior.marginals()
        offsets = square_grid(belief, s)
        found, weight = self.posterior.tilted(offsets, self._evidence(offsets, others))
        at = belief.mean[:, None] + offsets
        near = np.linalg.norm(at - found.mean[:, None], axis=2) <= s.right_mm
        deviation = np.sqrt(np.trace(found.covariance, axis1=1, axis2=2))
        confidence = np.sum(weight * near, axis=1)
        return Course(self.numbers, found.mean, deviation, confidence, ~self._blind())

    def places(self) -> dict[int, tuple[Flat, float]]:
        """For the others: where it is believed to be by slice, (2,), and the variance of each coordinate, mm2."""
        belief = self.posterior.marginals()
        spread = np.trace(belief.covariance, axis1=1, axis2=2) / 2
        return {int(n): (at, float(v)) for n, at, v in zip(self.numbers, belief.mean, spread, strict=True)}

    def _evidence(self, offsets: Array, others: Sequence[Mapping[int, tuple[Flat, float]]]) -> Array:
        s, mean = self.settings.dots, self.posterior.marginals().mean
        found = np.zeros(offsets.shape[:2])
        for row, number in enumerate(map(int, self.numbers)):
            if self.marked[row]:
                continue
            at = mean[row] + offsets[row]
            view, evidence = self.views.evidence(number, self.centres[number])
            found[row] = view.patch.sample(evidence, at)
            for other in others:
                if number in other:
                    place, variance = other[number]
                    width = s.claim_mm**2 + variance
                    away = np.sum((at - place) ** 2, axis=1)
                    if away.min() < 9 * width:
                        found[row] -= s.claim * s.claim_mm**2 / width * np.exp(-0.5 * away / width)
        return found

    def _brightness(self, number: int, at: Array) -> Array:
        view = self.views.view(int(number), self.centres[int(number)])
        return view.patch.sample(view.relative, at).astype(np.float64)

    def _blind(self) -> NDArray[np.bool_]:
        return np.array([bool(self.views.view(int(n), self.centres[int(n)]).fault) for n in self.numbers])


class CourseTracer:
    """Finds the courses of roots, all together."""

    def __init__(self, views: Views, settings: TracingSettings):
        self.views, self.settings = views, settings

    def trace(
        self,
        marks: Mapping[Root, Marks],
        extents: Mapping[Root, tuple[int, int]] | None = None,
        progress: Progress | None = None,
    ) -> dict[Root, Course]:
        """The courses of roots from their first to their last mark, or as far as `extents` say.

        Parameters
        ----------
        marks : (2,) in-plane mm by root and slice number.
        extents : first and last slice by root.
        """
        spacing, s = self.views.planes.spacing, self.settings
        beliefs: dict[Root, _Belief] = {}
        priors = {}
        for root in sorted(marks):
            if not marks[root]:
                continue
            first, last = (extents or {}).get(root, (min(marks[root]), max(marks[root])))
            priors[root] = course_prior(np.arange(first, last + 1), marks[root], spacing, s.course)
        centres = _centres(list(priors.values()))
        for root, prior in priors.items():
            beliefs[root] = _Belief(prior, marks[root], self.views, centres, s)
        total, done = len(beliefs) * (1 + s.posterior.sweeps), 0
        for belief in beliefs.values():
            report(progress, done / total, "Looking at the motion")
            done += 1
            for _ in range(s.posterior.motion_rounds if len(belief.numbers) > 1 else 0):
                belief.look_at_motion()
        places = {root: belief.places() for root, belief in beliefs.items()}
        for _ in range(s.posterior.sweeps):
            for root, belief in beliefs.items():
                report(progress, done / total, f"Following {root}")
                done += 1
                others = [each for other, each in places.items() if other != root]
                for _ in range(s.posterior.rounds):
                    belief.look_at_dots(others)
                if len(belief.numbers) > 1:
                    belief.look_at_motion()
                places[root] = belief.places()
        return {
            root: belief.course([each for other, each in places.items() if other != root])
            for root, belief in beliefs.items()
        }


def _centres(priors: Sequence[CoursePrior]) -> dict[int, Flat]:
    """The middle of all roots on each slice, (2,) mm."""
    found: dict[int, list[Flat]] = {}
    for prior in priors:
        for number, at in zip(prior.numbers, prior.mean, strict=True):
            found.setdefault(int(number), []).append(at)
    return {number: (np.max(each, axis=0) + np.min(each, axis=0)) / 2 for number, each in found.items()}
