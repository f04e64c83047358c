"""Rings freed of slice-to-slice jitter, without shrinking, and filled where slices are missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.interpolate import CubicSpline

from SpineRootLib.second_differences import smooth
from SpineRootLib.surfaces.rings import RingStack, ring_areas, ring_centroids
from SpineRootLib.surfaces.settings import WallSmoothingSettings

# The strength is found on every so many points of a ring.
_SPARSE = 8
# Places between two slices at which the volume is measured.
_BETWEEN = 4


def filled(stack: RingStack) -> RingStack:
    """Rings on every slice between the first and the last; missing ones by a natural cubic spline along the slices."""
    numbers = np.arange(stack.numbers[0], stack.numbers[-1] + 1)
    return interpolated(stack, numbers)


def interpolated(stack: RingStack, numbers: NDArray[np.float64]) -> RingStack:
    """Rings at other (fractional) slice numbers; at the slices of the stack exactly its own."""
    if len(stack.numbers) < 2:
        return stack
    spline = CubicSpline(stack.numbers, stack.rings, axis=0, bc_type="natural")
    rings = spline(numbers)
    own = np.searchsorted(stack.numbers, numbers)
    own = np.minimum(own, len(stack.numbers) - 1)
    exact = stack.numbers[own] == numbers
    rings[exact] = stack.rings[own[exact]]
    return RingStack(numbers, rings)


def smoothed(drawn: RingStack, spacing: float, settings: WallSmoothingSettings) -> RingStack:
    """Rings on every slice, with the slice-to-slice jitter taken out.

    A Whittaker smoother along the slices; its strength is lowered until the wall moves no more than the settings
    allow on average, what still moves farther is drawn back, and the areas are scaled alike, so that the volume is
    the annotated one: the trapezoids over the areas of the annotated slices. Without smoothing, and on fewer than four
    slices, the rings stay as drawn.

    Parameters
    ----------
    drawn : rings on the annotated slices.
    spacing : mm between slices.
    """
    stack = filled(drawn)
    if settings.smoothing <= 0 or len(stack.numbers) < 4:
        return stack
    sparse = stack.rings[:, ::_SPARSE]
    strength = settings.smoothing * (settings.smoothing_mm / spacing / 2) ** 4
    for _ in range(settings.lowerings):
        moved = np.abs(_normal_move(sparse, _smooth(sparse, strength, settings))).mean()
        if moved <= settings.mean_move_mm:
            break
        strength *= max(0.1, (settings.mean_move_mm / moved) ** 2.5)
    return _with_volume(RingStack(stack.numbers, _smooth(stack.rings, strength, settings)), drawn)


def _smooth(drawn: NDArray[np.float64], strength: float, settings: WallSmoothingSettings) -> NDArray[np.float64]:
    rings = _with_areas(smooth(drawn, strength), drawn, strength)
    return _limited(drawn, rings, settings.max_move_mm)


def _with_areas(rings: NDArray[np.float64], drawn: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """Rings scaled about their centres to the smoothed areas of the drawn ones."""
    wanted = np.maximum(smooth(ring_areas(drawn), strength), 0.5 * ring_areas(drawn))
    return _scaled(rings, np.sqrt(wanted / ring_areas(rings)))


def _with_volume(stack: RingStack, drawn: RingStack) -> RingStack:
    """Rings scaled alike so that the volume between the first and the last slice is the annotated one.

    Between slices the wall is curved, so that its volume is measured there as well.
    """
    count = _BETWEEN * (len(stack.numbers) - 1) + 1
    numbers = np.linspace(stack.numbers[0], stack.numbers[-1], count)
    fine = interpolated(RingStack(stack.numbers, stack.rings[:, ::_SPARSE]), numbers)
    sparse = trapezoid(ring_areas(stack.rings[:, ::_SPARSE]), stack.numbers)
    whole = trapezoid(ring_areas(stack.rings), stack.numbers)
    volume = whole + trapezoid(ring_areas(fine.rings), numbers) - sparse
    factor = np.sqrt(trapezoid(ring_areas(drawn.rings), drawn.numbers) / volume)
    return RingStack(stack.numbers, _scaled(stack.rings, np.full(len(stack.rings), factor)))


def _scaled(rings: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    centres = ring_centroids(rings)[:, None]
    return centres + (rings - centres) * factors[:, None, None]


def _normals(rings: NDArray[np.float64]) -> NDArray[np.float64]:
    along = np.roll(rings, -1, axis=1) - np.roll(rings, 1, axis=1)
    outward = np.stack([along[..., 1], -along[..., 0]], axis=-1)
    return outward / np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-12)


def _normal_move(drawn: NDArray[np.float64], rings: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the wall moved outwards, (s, m): the part along the drawn ring's normal."""
    return np.einsum("smd,smd->sm", rings - drawn, _normals(drawn))


def _limited(drawn: NDArray[np.float64], rings: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """Rings drawn back along the normal, softly, so that the wall moves less than `limit` everywhere."""
    move = _normal_move(drawn, rings)
    bounded = limit * np.tanh(move / limit)
    return rings - (move - bounded)[..., None] * _normals(drawn)
