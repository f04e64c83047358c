"""A wall given its prior and what is seen on rays: expectation propagation with one Gaussian message a ray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.wall_prior import WallPrior

Array = NDArray[np.float64]
# A ray's message is never more certain than this, mm: a tenth of a pixel.
_LEAST_MM = 0.05
# Part of each new message that is taken. Neighbouring rays see the same edge and move together: from 0.6 on messages
# swing about what they should settle on, and a wall in plain sight is passed by.
_DAMPING = 0.35


class WallPosterior:
    """The Gaussian belief in the radius on each ray of n slices."""

    def __init__(self, prior: WallPrior, basis: Array):
        self.basis = basis
        self.slices, self.width = prior.mean.shape
        count = self.slices * self.width
        whole = np.zeros((self.slices, self.width, self.slices, self.width))
        for index in range(self.width):
            whole[:, index, :, index] = np.linalg.inv(prior.covariance[index])
        self._prior_shift = np.einsum("sitj,tj->si", whole, prior.mean)
        self._prior: Array = whole.reshape(count, count)
        self.precision = np.zeros((self.slices, len(basis)))
        self.shift = np.zeros_like(self.precision)
        self._update()

    def believe(self, middle: Array, offsets: Array, evidence: Array) -> None:
        """Take in log-likelihoods, (n, a, u), of the wall lying at offsets, (u,) mm, from `middle`, (n, a) mm."""
        free = np.maximum(1 / self.variance - self.precision, 1e-3)
        mean = (self.radius / self.variance - self.shift) / free
        away = middle[..., None] + offsets - mean[..., None]
        log = evidence - 0.5 * away**2 * free[..., None]
        weight = np.exp(log - log.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        tilted = mean + np.sum(weight * away, axis=-1)
        spread = np.sum(weight * (away - (tilted - mean)[..., None]) ** 2, axis=-1) + _LEAST_MM**2 / 4
        precision = np.clip(1 / spread - free, 0.0, 1 / _LEAST_MM**2)
        shift = (free + precision) * tilted - free * mean
        self.precision += _DAMPING * (precision - self.precision)
        self.shift += _DAMPING * (shift - self.shift)
        self._update()

    def _update(self) -> None:
        whole = self._prior.copy().reshape(self.slices, self.width, self.slices, self.width)
        for row in range(self.slices):
            whole[row, :, row, :] += self.basis.T @ (self.basis * self.precision[row][:, None])
        covariance = np.linalg.inv(whole.reshape(self._prior.shape))
        shift = self._prior_shift + self.shift @ self.basis
        mean = (covariance @ shift.ravel()).reshape(self.slices, self.width)
        blocks = covariance.reshape(self.slices, self.width, self.slices, self.width)
        self.radius = mean @ self.basis.T
        own = np.array([blocks[row, :, row, :] for row in range(self.slices)])
        self.variance = np.maximum(np.einsum("ai,sij,aj->sa", self.basis, own, self.basis), 1e-8)
