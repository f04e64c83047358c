"""The outline of dura or cord on one slice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.curves import centroid
from SpineRootLib.tracing.contour_cost import Prior, edge_strength, path_cost, refine_edge, region_cost
from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.polar import Radii, Rays, closed_path
from SpineRootLib.tracing.shape import plain_shape, settle
from SpineRootLib.tracing.slices import Flat

# Roots touch the cord from outside and the dura from inside.
PROTRUDES = {CORD: 1, DURA: -1}


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed outline on a slice.

    Parameters
    ----------
    flat : (a, 2) in-plane mm.
    strength : (a,) how clear the edge is there, part of the fluid's level; of a wall's, how much the
        slice itself says there, 0..1.
    deviation : (a,) standard deviation, mm, where that is known.
    """

    flat: Flat
    strength: Radii
    deviation: Radii | None = None

    @property
    def centre(self) -> Flat:
        """Its centre of area, (2,)."""
        return centroid(self.flat)


def find_outline(
    view: FluidView, centre: Flat, structure: str, settings: ContourSettings, expected: Outline | None = None
) -> Outline:
    """The outline around a place on a slice.

    Parameters
    ----------
    centre : (2,) in-plane mm inside of it.
    expected : where it is expected, from a slice beside.
    """
    rays = Rays.around(centre, settings.angles, settings.step_mm, settings.largest_mm)
    profile = rays.sample(view)
    strength = edge_strength(profile, settings.step_mm, settings, structure)
    region = region_cost(profile, settings.step_mm, settings, structure)
    outward = settings.dura_mm if structure == DURA else 0.0
    prior = None if expected is None else _prior(rays.distances(expected.flat) - outward, settings.prior_mm)
    path = closed_path(path_cost(strength, region, rays.radii, prior, settings), _bends(settings))
    measured, clear = refine_edge(strength, path, rays.radii)
    shape = plain_shape(measured, _trust(clear), PROTRUDES[structure], settings)
    cost = path_cost(strength, region, rays.radii, _prior(shape, settings.shape_mm), settings)
    plainest = int(np.argmin(np.abs(measured - shape) - clear))
    path = closed_path(cost, _bends(settings), (plainest, int(path[plainest])))
    measured, clear = refine_edge(strength, path, rays.radii)
    distance = settle(measured, _trust(clear), shape, settings)
    return Outline(rays.points(distance + outward), clear)


def find_centred_outline(view: FluidView, click: Flat, structure: str, settings: ContourSettings) -> Outline:
    """The outline seen from its own centre, wherever inside of it the click was."""
    coarse = replace(settings, angles=settings.angles // 2, steepest=2 * settings.steepest)
    return find_outline(view, find_outline(view, click, structure, coarse).centre, structure, settings)


def _bends(settings: ContourSettings) -> NDArray[np.float64]:
    """The price of each step in or out from ray to ray."""
    steps = np.arange(-settings.steepest, settings.steepest + 1, dtype=np.float64)
    return settings.bend_weight * (settings.step_mm * steps) ** 2


def _prior(distance: Radii, deviation_mm: float) -> Prior:
    return Prior(distance, np.full(len(distance), deviation_mm))


def _trust(clear: Radii) -> Radii:
    return np.asarray(0.02 + np.clip(clear, 0.0, 1.0))
