"""The picture's own motion from slice to slice, everywhere on a lattice: normalised correlation of small windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.tracing.course_settings import LatticeSettings, MotionSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.slices import Flat

Field = NDArray[np.float32]
Cells = NDArray[np.intp]


@dataclass(frozen=True)
class Box:
    """A rectangle of the lattice of in-plane places: its first cell, and cells along both axes."""

    first: tuple[int, int]
    shape: tuple[int, int]

    def places(self, settings: LatticeSettings, margin: int = 0) -> Flat:
        """In-plane mm of its cells and of `margin` more on each side, (a, b, 2)."""
        along = [
            settings.step_mm * np.arange(start - margin, start + count + margin)
            for start, count in zip(self.first, self.shape, strict=True)
        ]
        return np.stack(np.meshgrid(*along, indexing="ij"), axis=-1)

    def rows(self, cells: Cells) -> tuple[Cells, Cells]:
        """Indices of cells, (..., 2), the nearest of the box for those beyond it."""
        return (
            np.clip(cells[..., 0] - self.first[0], 0, self.shape[0] - 1),
            np.clip(cells[..., 1] - self.first[1], 0, self.shape[1] - 1),
        )


def flow_evidence(
    here: FluidView, below: FluidView, box: Box, lattice: LatticeSettings, settings: MotionSettings
) -> Field:
    """Log-likelihood ratio of each displacement from a slice to the one below, (a, b, d, d), d by d cells.

    The mean likelihood of all displacements is 1: a place without structure says nothing. So does a faulty view.
    """
    reach = lattice.reach
    count = 2 * reach + 1
    if here.fault or below.fault:
        return np.zeros((*box.shape, count, count), np.float32)
    first = here.patch.sample(here.relative, box.places(lattice))
    second = below.patch.sample(below.relative, box.places(lattice, reach))
    sigma = settings.window_mm / lattice.step_mm

    def smooth(values: Field) -> Field:
        widths = (sigma, sigma, *(0.0,) * (values.ndim - 2))
        return np.asarray(ndimage.gaussian_filter(values, widths, mode="nearest", truncate=2.0))

    mean, wide_mean = smooth(first), smooth(second)
    variance = np.maximum(smooth(first**2) - mean**2, 0.0) + settings.floor**2
    wide_variance = np.maximum(smooth(second**2) - wide_mean**2, 0.0) + settings.floor**2
    moved_mean, moved_variance = (
        np.lib.stride_tricks.sliding_window_view(each, (count, count)) for each in (wide_mean, wide_variance)
    )
    moved = np.lib.stride_tricks.sliding_window_view(second, box.shape)
    product = np.stack(
        [[smooth(first * moved[row, column]) for column in range(count)] for row in range(count)]
    ).transpose(2, 3, 0, 1)
    correlation = (product - mean[..., None, None] * moved_mean) / np.sqrt(variance[..., None, None] * moved_variance)
    log = np.float32(settings.gain) * correlation
    peak = log.max(axis=(2, 3), keepdims=True)
    level = peak + np.log(np.mean(np.exp(log - peak), axis=(2, 3), keepdims=True))
    return np.asarray(log - level, np.float32)
