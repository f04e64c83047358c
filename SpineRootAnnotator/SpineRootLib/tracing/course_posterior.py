"""A root's course given its marks and the image: expectation propagation on a Gaussian process.

Each slice's dots and each step's motion are evidence with several peaks. Each is replaced by the Gaussian that fits
best to it where the rest of the evidence lets the root be, in turn, until nothing changes. Source: Minka, Expectation
propagation for approximate Bayesian inference, 2001; Rasmussen and Williams, 2006, section 3.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.course_prior import CoursePrior
from SpineRootLib.tracing.course_settings import PosteriorSettings
from SpineRootLib.tracing.slices import Flat

Array = NDArray[np.float64]
Rows = slice | NDArray[np.intp]
# A message's variance is never below this, mm2: one pixel's tenth squared.
_LEAST_MM2 = 1e-3


@dataclass(frozen=True, eq=False)
class Gaussians:
    """Normal distributions of the plane: mean, (n, 2) mm, and covariance, (n, 2, 2) mm2."""

    mean: Flat
    covariance: Array

    def at(self, rows: Rows) -> Gaussians:
        """Some of them."""
        return Gaussians(self.mean[rows], self.covariance[rows])


@dataclass(frozen=True, eq=False)
class Messages:
    """Gaussian evidence in natural parameters: precision, (n, 2, 2) 1/mm2, and precision times mean, (n, 2)."""

    precision: Array
    shift: Array

    @classmethod
    def none(cls, count: int) -> Messages:
        """No evidence at `count` places."""
        return cls(np.zeros((count, 2, 2)), np.zeros((count, 2)))

    def at(self, rows: Rows) -> Messages:
        """Some of them."""
        return Messages(self.precision[rows], self.shift[rows])

    def put(self, rows: Rows, others: Messages) -> None:
        """Replace some of them."""
        self.precision[rows], self.shift[rows] = others.precision, others.shift


class CoursePosterior:
    """The Gaussian belief in a root's course."""

    def __init__(self, prior: CoursePrior, settings: PosteriorSettings):
        self.prior, self.settings = prior, settings
        count = len(prior.numbers)
        self._precision = np.linalg.inv(prior.covariance)
        self.places, self.steps = Messages.none(count), Messages.none(count - 1)
        self._update()

    def marginals(self) -> Gaussians:
        """The belief in the place on each slice."""
        return self._places

    def believe_places(self, offsets: Array, evidence: Array, rows: Rows = slice(None)) -> None:
        """Take in evidence for places.

        Parameters
        ----------
        offsets : (m, g, 2) mm beside the marginals' means.
        evidence : (m, g) log-likelihoods there.
        rows : the m slices of which it is, by default all.
        """
        belief, before = self._places.at(rows), self.places.at(rows)
        cavity = _without(belief, before)
        at = belief.mean[:, None] + offsets
        self.places.put(rows, self._blended(before, cavity, _moments(cavity, at, evidence)))
        self._update()

    def believe_steps(self, offsets: Array, evidence: Array, rows: Rows = slice(None)) -> None:
        """The same for steps from slice to slice: (m, g, 2) mm beside those between the marginals' means."""
        belief, before = self._step_marginals().at(rows), self.steps.at(rows)
        cavity = _without(belief, before)
        at = belief.mean[:, None] + offsets
        self.steps.put(rows, self._blended(before, cavity, _moments(cavity, at, evidence)))
        self._update()

    def take(self, part: CoursePosterior) -> None:
        """Take over all evidence of a part of the course, which begins and ends on slices of this one."""
        first = int(part.prior.numbers[0] - self.prior.numbers[0])
        last = first + len(part.prior.numbers) - 1
        self.places.put(slice(first + 1, last), part.places.at(slice(1, -1)))
        self.steps.put(slice(first, last), part.steps)
        self._update()

    def log_density(self) -> float:
        """Logarithm of the prior's density at the mean, less that at its own mean."""
        away = self._places.mean - self.prior.mean
        return -0.5 * float(np.einsum("ni,nm,mi->", away, self._precision, away))

    def log_volume(self) -> float:
        """Half the logarithm of the determinant of the covariance: how much room the belief leaves."""
        size = 2 * len(self.prior.numbers)
        return 0.5 * float(np.linalg.slogdet(self._covariance.reshape(size, size))[1])

    def tilted(self, offsets: Array, evidence: Array) -> tuple[Gaussians, Array]:
        """The belief with each slice's own evidence as it is, not as a Gaussian: its moments, and weights, (n, g)."""
        cavity = _without(self._places, self.places)
        at = self._places.mean[:, None] + offsets
        weight = _weights(cavity, at, evidence)
        return _moments(cavity, at, evidence), weight

    def _update(self) -> None:
        count = len(self.prior.numbers)
        whole = np.zeros((count, 2, count, 2))
        rows = np.arange(count)
        for axis in range(2):
            whole[:, axis, :, axis] = self._precision
        whole[rows, :, rows, :] += self.places.precision
        step, before, after = self.steps.precision, rows[:-1], rows[1:]
        whole[before, :, before, :] += step
        whole[after, :, after, :] += step
        whole[before, :, after, :] -= step
        whole[after, :, before, :] -= step
        shift = self._precision @ self.prior.mean + self.places.shift
        shift[1:] += self.steps.shift
        shift[:-1] -= self.steps.shift
        covariance = np.asarray(np.linalg.inv(whole.reshape(2 * count, 2 * count)), dtype=np.float64)
        mean = (covariance @ shift.ravel()).reshape(count, 2)
        self._covariance = covariance.reshape(count, 2, count, 2)
        self._places = Gaussians(mean, self._covariance[rows, :, rows, :])

    def _step_marginals(self) -> Gaussians:
        rows = np.arange(len(self.prior.numbers))
        before, after, c = rows[:-1], rows[1:], self._covariance
        across = c[before, :, after, :]
        own = c[before, :, before, :] + c[after, :, after, :] - across - across.transpose(0, 2, 1)
        return Gaussians(np.diff(self._places.mean, axis=0), np.asarray(own, np.float64))

    def _blended(self, old: Messages, cavity: Gaussians, tilted: Gaussians) -> Messages:
        """The message that makes the cavity the tilted belief; never one that makes it less certain."""
        inverse, free = _inverse(tilted.covariance), _inverse(cavity.covariance)
        precision = _positive(inverse - free)
        # the tilted mean is kept even where the precision had to be cut
        wanted = np.einsum("nij,nj->ni", free + precision, tilted.mean) - np.einsum("nij,nj->ni", free, cavity.mean)
        share = self.settings.damping
        return Messages(
            (1 - share) * old.precision + share * precision,
            (1 - share) * old.shift + share * wanted,
        )


def square_grid(belief: Gaussians, settings: PosteriorSettings) -> Array:
    """Places about each marginal's mean on which evidence is summed up, (n, g, 2) mm."""
    side = np.sqrt(np.linalg.eigvalsh(belief.covariance)[:, -1])
    half = np.clip(settings.grid_deviations * side, settings.least_mm, settings.most_mm)
    steps = np.linspace(-1.0, 1.0, settings.grid)
    unit = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 2)
    return np.asarray(half[:, None, None] * unit)


def _without(belief: Gaussians, message: Messages) -> Gaussians:
    """The belief without one message."""
    inverse = _inverse(belief.covariance)
    precision = _positive(inverse - message.precision, 1e-4)
    shift = np.einsum("nij,nj->ni", inverse, belief.mean) - message.shift
    covariance = _inverse(precision)
    return Gaussians(np.einsum("nij,nj->ni", covariance, shift), covariance)


def _inverse(matrix: Array) -> Array:
    """The inverses of symmetric 2 x 2 matrices, (n, 2, 2), by Cramer's rule: much faster than a general solver."""
    turned = np.empty_like(matrix)
    turned[:, 0, 0], turned[:, 1, 1] = matrix[:, 1, 1], matrix[:, 0, 0]
    turned[:, 0, 1] = turned[:, 1, 0] = -(matrix[:, 0, 1] + matrix[:, 1, 0]) / 2
    size = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
    return np.asarray(turned / size[:, None, None])


def _positive(matrix: Array, least: float = 0.0) -> Array:
    """Symmetric 2 x 2 matrices with eigenvalues of at least `least` and at most what is ever measured."""
    values, vectors = np.linalg.eigh((matrix + matrix.transpose(0, 2, 1)) / 2)
    values = np.clip(values, least, 1.0 / _LEAST_MM2)
    return np.asarray(np.einsum("nij,nj,nkj->nik", vectors, values, vectors))


def _weights(belief: Gaussians, at: Array, evidence: Array) -> Array:
    away = at - belief.mean[:, None]
    log = evidence - 0.5 * np.sum((away @ _inverse(belief.covariance)) * away, axis=2)
    weight = np.exp(log - log.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _moments(belief: Gaussians, at: Array, evidence: Array) -> Gaussians:
    weight = _weights(belief, at, evidence)
    mean = np.einsum("ng,ngi->ni", weight, at)
    away = at - mean[:, None]
    covariance = (away * weight[..., None]).transpose(0, 2, 1) @ away
    return Gaussians(mean, covariance + _LEAST_MM2 * np.eye(2))
