"""What is believed of one root's course: the marks, the picture's motion along it, and the dots near it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from SpineRootLib.tracing.course_posterior import CoursePosterior, Rows, square_grid
from SpineRootLib.tracing.course_prior import CoursePrior
from SpineRootLib.tracing.dots import Dots
from SpineRootLib.tracing.motion import correlations, displacements, finely, window_offsets
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views

Array = NDArray[np.float64]
Marks = Mapping[int, Flat]
# By slice where a root is believed to be, (2,) mm, and the variance of each coordinate, mm2.
Places = Mapping[int, tuple[Flat, float]]


class DotsBySlice:
    """The slices about the roots, each looked up once.

    Parameters
    ----------
    centres : by slice the place, (2,) mm, about which the picture is looked at.
    """

    def __init__(self, views: Views, centres: Mapping[int, Flat]):
        self._views, self._centres = views, centres
        self._dots: dict[int, Dots] = {}

    def dots(self, number: int) -> Dots:
        """The dots of a slice, and its view."""
        if number not in self._dots:
            self._dots[number] = self._views.dots(number, self._centres[number])
        return self._dots[number]


class CourseBelief:
    """What is believed of one root while its course is found.

    Parameters
    ----------
    prior : the course by the marks alone.
    marks : (2,) in-plane mm by slice number.
    """

    def __init__(self, prior: CoursePrior, marks: Marks, around: DotsBySlice, settings: TracingSettings):
        self.settings, self._around = settings, around
        self.prior, self.marks = prior, marks
        self.posterior = CoursePosterior(prior, settings.posterior)
        self.numbers = prior.numbers
        self.marked = np.isin(prior.numbers, list(marks))

    def part(self, first: int, last: int) -> CourseBelief:
        """The same from one mark to another, before the image is looked at."""
        marks = {first: self.marks[first], last: self.marks[last]}
        return CourseBelief(self.prior.part(first, last), marks, self._around, self.settings)

    def look_at_motion(self, rows: Rows = slice(None)) -> None:
        """Take in the picture's own motion along the course as it is believed now, after some of its slices."""
        if not len(self.numbers[:-1][rows]):
            return
        s, mean = self.settings.motion, self.posterior.marginals().mean
        offsets, likelihood = self.motion(self.numbers[:-1][rows], mean[:-1][rows], mean[1:][rows], 1)
        self.posterior.believe_steps(offsets, s.gain * likelihood, rows)

    def moved_back(self) -> Array:
        """Log-probability of each believed step from a slice back to the one before, (n - 1,)."""
        mean = self.posterior.marginals().mean
        _, correlation = self.motion(self.numbers[1:], mean[1:], mean[:-1], -1)
        log = self.settings.motion.gain * correlation
        # the displacement that is believed is the middle one of those tried
        return np.asarray(log[:, log.shape[1] // 2] - logsumexp(log, axis=1))

    def motion(self, numbers: NDArray[np.int64], here: Flat, there: Flat, ahead: int) -> tuple[Array, Array]:
        """How well a window about places fits the slices before or after, displaced.

        Parameters
        ----------
        numbers : (n,) slices; `here`, (n, 2), places on them.
        there : (n, 2) mm, where on the slice `ahead` of each (1 or -1) they are expected.

        Returns
        -------
        offsets, correlation
            (n, g, 2) mm beside what is expected, and (n, g) in -1..1.
        """
        s = self.settings.motion
        window, wide = window_offsets(s)
        first = np.array([self._brightness(n, at + window) for n, at in zip(numbers, here, strict=True)])
        second = np.array([self._brightness(n + ahead, at + wide) for n, at in zip(numbers, there, strict=True)])
        found = finely(correlations(first, second, s), s)
        offsets = np.broadcast_to(displacements(s).reshape(1, -1, 2), (len(found), found[0].size, 2))
        return offsets, found.reshape(len(found), -1)

    def look_at_dots(self, others: Sequence[Places], rows: Rows = slice(None)) -> None:
        """Take in the dots near the course as it is believed now, on some of its slices."""
        offsets = square_grid(self.posterior.marginals().at(rows), self.settings.posterior)
        self.posterior.believe_places(offsets, self.evidence(offsets, others, rows), rows)

    def places(self) -> Places:
        """For the others: where it is believed to be by slice, (2,), and the variance of each coordinate, mm2."""
        belief = self.posterior.marginals()
        spread = np.trace(belief.covariance, axis1=1, axis2=2) / 2
        return {int(n): (at, float(v)) for n, at, v in zip(self.numbers, belief.mean, spread, strict=True)}

    def evidence(self, offsets: Array, others: Sequence[Places], rows: Rows = slice(None)) -> Array:
        """Log-likelihoods at offsets, (m, g, 2), from the course as it is believed now; (m, g)."""
        s, middle = self.settings.dots, self.posterior.marginals().mean[rows]
        found = np.zeros(offsets.shape[:2])
        for row, (number, marked) in enumerate(zip(self.numbers[rows].tolist(), self.marked[rows], strict=True)):
            if marked:
                continue
            at = middle[row] + offsets[row]
            found[row] = self.dots(number).evidence(at, s)
            reach = float(np.abs(offsets[row]).max())
            for place, variance in (each[number] for each in others if number in each):
                width = s.claim_mm**2 + variance
                if np.abs(place - middle[row]).max() > reach + 3 * width**0.5:
                    continue
                away = np.sum((at - place) ** 2, axis=1)
                found[row] -= s.claim * s.claim_mm**2 / width * np.exp(-0.5 * away / width)
        return found

    def breadth(self) -> Array:
        """How broad and dark the root is along the course, (n,), part of the fluid's level; 0 where nothing is seen."""
        mean, found = self.posterior.marginals().mean, []
        for number, at in zip(self.numbers.tolist(), mean, strict=True):
            dots = self.dots(number)
            found.append(0.0 if dots.view.fault else float(dots.view.patch.sample(dots.breadth, at[None])[0]))
        return np.array(found)

    def dots(self, number: int) -> Dots:
        """The dots of a slice about its roots."""
        return self._around.dots(number)

    def _brightness(self, number: int, at: Array) -> Array:
        view = self.dots(int(number)).view
        return view.patch.sample(view.relative, at).astype(np.float64)
