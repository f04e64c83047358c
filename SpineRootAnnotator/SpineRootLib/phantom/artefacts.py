"""What the scanner does to the signal: receive field, banding, flow voids, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.settings import ImageSettings
from SpineRootLib.phantom.spine import Spine

Array = NDArray[np.float64]

# mm over which the receive field varies; the coil lies under the back.
_FIELD_MM = 140.0
# mm about the sac within which brightness changes from front to back.
_ABOUT_MM = 12.0
# mm between bands, and their width as a share of that; off-resonance changes fastest along the body.
_BAND_MM = 95.0
_BAND_WIDTH = 0.10
# mm: a flow void is longer than wide.
_VOID_MM = (0.9, 2.2)
_VOID_LENGTH_MM = (4.0, 12.0)


class Artefacts:
    """The artefacts of one image.

    Parameters
    ----------
    spine : about whose sac they lie.
    extent : depths between which flow voids lie, mm.
    """

    def __init__(self, spine: Spine, extent: tuple[float, float], settings: ImageSettings, seed: int):
        rng = np.random.default_rng([seed, 4])
        self._settings, self._spine, self.seed = settings, spine, seed
        self._slope = rng.normal(0.0, 0.25, 3) + [0.0, -1.0, 0.0]
        self._curvature = rng.normal(-0.15, 0.1, 3)
        direction = rng.normal(size=3) * [0.6, 0.8, 1.0]
        self._band = direction / np.linalg.norm(direction)
        self._band_phase = rng.uniform(0.0, 1.0)
        self._voids = self._place_voids(extent, rng)

    def gain(self, x: Array, y: Array, depth: Array) -> Array:
        """The factor of receive field and banding at places in the body's frame."""
        field = np.zeros(np.shape(x))
        for place, slope, curvature in zip((x, y, depth - 80.0), self._slope, self._curvature, strict=True):
            unit = place / _FIELD_MM
            field += slope * unit + curvature * unit**2
        band = self._band[0] * x + self._band[1] * y + self._band[2] * depth
        off_resonance = band / _BAND_MM + self._band_phase + 0.15 * np.sin(x / 23.0) * np.sin(depth / 31.0)
        nearest = np.abs(off_resonance - np.round(off_resonance)) / _BAND_WIDTH
        dark = 1.0 - self._settings.banding * np.exp(-(nearest**2))
        return np.asarray(np.exp(self._settings.bias * field) * dark * self._brightness(y, depth))

    def _brightness(self, y: Array, depth: Array) -> Array | float:
        """How brightness changes along the body, and about the sac from front to back."""
        known, levels = np.array(self._settings.fluid_along).T
        along = np.exp(np.interp(depth, known, np.log(levels)))
        if not self._settings.brighter_behind:
            return np.asarray(along)
        behind = self._spine.sac.profile_at(np.asarray(depth))[1] - y
        return np.asarray(along * np.exp(self._settings.brighter_behind * _ABOUT_MM * np.tanh(behind / _ABOUT_MM)))

    def fluid(self, x: Array, y: Array, depth: Array) -> Array:
        """The factor by which moving fluid is darker."""
        factor = np.ones(np.shape(x))
        for at_x, at_y, at_depth, width, length, loss in self._voids:
            if np.min(np.abs(depth - at_depth)) < 3 * length:
                far = ((x - at_x) ** 2 + (y - at_y) ** 2) / width**2 + ((depth - at_depth) / length) ** 2
                factor *= 1.0 - loss * np.exp(-far / 2)
        return factor

    def received(self, signal: Array, k: int) -> NDArray[np.int16]:
        """The magnitude image of a slice's signal, scanner units, with Rician noise."""
        rng = np.random.default_rng([self.seed, 5, k])
        sd = np.float32(self._settings.noise * self._settings.csf_level)
        real = rng.standard_normal(signal.shape, dtype=np.float32) * sd + signal.astype(np.float32)
        imaginary = rng.standard_normal(signal.shape, dtype=np.float32) * sd
        return np.hypot(real, imaginary).round().astype(np.int16)

    def _place_voids(self, extent: tuple[float, float], rng: np.random.Generator) -> Array:
        """x, y, depth, width, length and loss of each void, (n, 6)."""
        count = self._settings.flow_voids
        depth = rng.uniform(*extent, count)
        angle = rng.uniform(-0.35 * np.pi, 1.35 * np.pi, count)
        inset = rng.uniform(1.5, 4.5, count)
        across = self._spine.sac.point(angle, depth, inset).reshape(-1, 2)
        loss = self._settings.flow_void_depth * rng.uniform(0.4, 1.0, count)
        return np.column_stack(
            [across, depth, rng.uniform(*_VOID_MM, count), rng.uniform(*_VOID_LENGTH_MM, count), loss]
        )
