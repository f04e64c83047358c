"""A root's course as a hidden Markov chain on a lattice: exact sums over all courses, however many peaks they have.

Source: Rabiner, A tutorial on hidden Markov models, 1989 (forward and backward variables).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.course_prior import CoursePrior
from SpineRootLib.tracing.course_settings import LatticeSettings

Array = NDArray[np.float64]
Cells = NDArray[np.intp]


class CourseChain:
    """The courses of one root within a window that goes along its prior.

    Parameters
    ----------
    prior : where the marks alone put it; the chain is the first-order one nearest to it.
    flow : (n - 1) callables' worth of log-likelihoods is passed to `weigh`.
    """

    def __init__(self, prior: CoursePrior, settings: LatticeSettings):
        self.prior, self.settings = prior, settings
        half, step = settings.window, settings.step_mm
        self.middle = np.round(prior.mean / step).astype(np.intp)
        side = np.arange(-half, half + 1)
        self._window = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1)
        self.cells: Cells = self.middle[:, None, None] + self._window
        self.places = step * self.cells.astype(np.float64)
        self._pad = half + settings.reach
        reach = np.arange(-settings.reach, settings.reach + 1)
        self._moves = np.stack(np.meshgrid(reach, reach, indexing="ij"), axis=-1)

    def sources(self, row: int) -> tuple[Cells, Cells]:
        """For each cell of slice row + 1 and each displacement where it came from: cells, (w, w, d, d, 2), and the
        index of the move."""
        return self.cells[row + 1][:, :, None, None] - self._moves, self._moves

    def transitions(self, flows: list[Array]) -> list[tuple[Cells, Array]]:
        """For each step the index of the source in the padded window, and the weight, (w, w, d, d)."""
        c, found = self.prior.covariance, []
        for row, flow in enumerate(flows):
            gain = c[row, row + 1] / c[row, row]
            spread = max(c[row + 1, row + 1] - gain * c[row, row + 1], self.settings.least_mm**2)
            source = self.cells[row + 1][:, :, None, None] - self._moves
            at = self.settings.step_mm * source - self.prior.mean[row]
            to = (self.places[row + 1] - self.prior.mean[row + 1])[:, :, None, None]
            log = flow - 0.5 * np.sum((to - gain * at) ** 2, axis=-1) / spread
            index = source - self.middle[row] + self._pad
            size = 2 * self._pad + 1
            outside = np.any((index < 0) | (index >= size), axis=-1)
            index = np.clip(index, 0, size - 1)
            weight = np.where(outside, 0.0, np.exp(np.clip(log, -60.0, 60.0)))
            found.append((index[..., 0] * size + index[..., 1], weight))
        return found

    def marginals(self, evidence: Array, transitions: list[tuple[Cells, Array]]) -> Array:
        """Probability of each cell on each slice, (n, w, w), given log-likelihoods there, (n, w, w)."""
        count, size = len(evidence), 2 * self._pad + 1
        own = np.exp(np.clip(evidence, -60.0, 60.0))
        variance = self.prior.covariance[0, 0] + self.settings.least_mm**2
        start = np.exp(-0.5 * np.sum((self.places[0] - self.prior.mean[0]) ** 2, axis=-1) / variance)
        inner = slice(self._pad - self.settings.window, self._pad + self.settings.window + 1)
        ahead = np.empty_like(own)
        ahead[0] = _normal(start * own[0])
        padded = np.zeros((size, size))
        for row, (index, weight) in enumerate(transitions):
            padded[inner, inner] = ahead[row]
            ahead[row + 1] = _normal(np.einsum("abcd,abcd->ab", padded.ravel()[index], weight) * own[row + 1])
        behind = np.ones_like(own)
        for row in range(count - 2, -1, -1):
            index, weight = transitions[row]
            value = weight * (behind[row + 1] * own[row + 1])[:, :, None, None]
            spread = np.bincount(index.ravel(), value.ravel(), size * size).reshape(size, size)[inner, inner]
            behind[row] = spread / max(spread.max(), 1e-300)
        both = ahead * behind
        return np.asarray(both / np.maximum(both.sum(axis=(1, 2), keepdims=True), 1e-300))


def _normal(values: Array) -> Array:
    return np.asarray(values / max(float(values.sum()), 1e-300))
