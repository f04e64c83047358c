"""What makes a place on a ray look like the edge of the dura or of the cord."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.anatomy import DURA
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.polar import Radii
from SpineRootLib.tracing.slices import Pixels


@dataclass(frozen=True, eq=False)
class Prior:
    """Where the outline is expected: a distance and its standard deviation on each ray, (a,) mm."""

    distance: Radii
    deviation: Radii


def edge_strength(profile: Pixels, step_mm: float, settings: ContourSettings, structure: str) -> NDArray[np.float64]:
    """How far the brightness falls (dura) or rises (cord) outwards at each sample, (a, r), in units of the fluid."""
    half = max(1, round(settings.edge_mm / step_mm))
    kernel = np.concatenate([np.full(half, 1.0), [0.0], np.full(half, -1.0)]) / half
    fall = ndimage.correlate1d(profile.astype(np.float64), kernel, axis=1, mode="nearest")
    fall = ndimage.gaussian_filter1d(fall, settings.along_rays, axis=0, mode="wrap", truncate=2.0)
    return np.asarray(fall if structure == DURA else -fall)


def region_cost(profile: Pixels, step_mm: float, settings: ContourSettings, structure: str) -> NDArray[np.float64]:
    """Fluid on the wrong side of each sample, (a, r) mm.

    Outside the dura it counts within a reach, inside the cord anywhere, and for more.
    """
    smooth = ndimage.uniform_filter1d(profile, 3, axis=0, mode="wrap").astype(np.float64)
    fluid = np.clip((smooth - settings.fluid_from) / (1 - settings.fluid_from), 0.0, 1.0) * step_mm
    total = np.cumsum(fluid, axis=1)
    if structure != DURA:
        return np.asarray(settings.cord_weight * total)
    reach = round(settings.outside_mm / step_mm)
    ahead = np.concatenate([total[:, reach:], np.repeat(total[:, -1:], reach, axis=1)], axis=1)
    return np.asarray(ahead - total)


def path_cost(
    strength: NDArray[np.float64], region: NDArray[np.float64], radii: Radii, prior: Prior | None, s: ContourSettings
) -> NDArray[np.float64]:
    """The price of each place, (a, r): no edge, fluid on the wrong side, far from where it is expected."""
    cost = s.edge_weight * (1.0 - np.clip(strength, 0.0, 1.0)) + s.region_weight * region
    if prior is not None:
        away = (radii[None, :] - prior.distance[:, None]) / prior.deviation[:, None]
        cost = cost + np.minimum(0.5 * away**2, s.prior_limit)
    return np.asarray(cost)


def refine_edge(strength: NDArray[np.float64], path: NDArray[np.intp], radii: Radii) -> tuple[Radii, Radii]:
    """The strongest edge within a sample of the path by a parabola: its distance, (a,) mm, and strength, (a,)."""
    rows = np.arange(len(path))
    inner = np.clip(path, 2, strength.shape[1] - 3)
    around = np.stack([strength[rows, inner + shift] for shift in range(-1, 2)])
    inner = inner + around.argmax(axis=0) - 1
    below, here, above = (strength[rows, inner + shift] for shift in (-1, 0, 1))
    curve = below + above - 2 * here
    shift = np.where(curve < -1e-9, 0.5 * (below - above) / np.minimum(curve, -1e-9), 0.0)
    step = radii[1] - radii[0]
    return radii[inner] + np.clip(shift, -1, 1) * step, np.clip(here, 0.0, None)
