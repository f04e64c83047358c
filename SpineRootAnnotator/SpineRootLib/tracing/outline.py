"""The outline of dura or cord on one slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.curves import centroid
from SpineRootLib.tracing.contour_cost import Prior, edge_strength, path_cost, refine_edge, region_cost
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.polar import Radii, Rays, closed_path
from SpineRootLib.tracing.settings import ContourSettings
from SpineRootLib.tracing.shape import plain_shape, settle
from SpineRootLib.tracing.slices import Flat

# Roots touch the cord from outside and the dura from inside.
_PROTRUDES = {CORD: 1, DURA: -1}


@dataclass(frozen=True, eq=False)
class Outline:
    """A closed outline on a slice.

    Parameters
    ----------
    flat : (a, 2) in-plane mm.
    strength : (a,) how clear the edge is there, part of the fluid's level.
    """

    flat: Flat
    strength: Radii

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
    path = _path(strength, region, rays, prior, settings)
    measured, clear = refine_edge(strength, path, rays.radii)
    shape = plain_shape(measured, _trust(clear), _PROTRUDES[structure], settings)
    path = _path(strength, region, rays, _prior(shape, settings.shape_mm), settings)
    measured, clear = refine_edge(strength, path, rays.radii)
    distance = settle(measured, _trust(clear), shape, settings)
    return Outline(rays.points(distance + outward), clear)


def find_centred_outline(view: FluidView, click: Flat, structure: str, settings: ContourSettings) -> Outline:
    """The outline seen from its own centre, wherever inside of it the click was."""
    first = find_outline(view, click, structure, settings)
    return find_outline(view, first.centre, structure, settings)


def _path(
    strength: NDArray[np.float64], region: NDArray[np.float64], rays: Rays, prior: Prior | None, s: ContourSettings
) -> NDArray[np.intp]:
    shifts = s.step_mm * np.arange(-s.steepest, s.steepest + 1, dtype=np.float64)
    return closed_path(path_cost(strength, region, rays.radii, prior, s), s.bend_weight * shifts**2)


def _prior(distance: Radii, deviation_mm: float) -> Prior:
    return Prior(distance, np.full(len(distance), deviation_mm))


def _trust(clear: Radii) -> Radii:
    return np.asarray(0.02 + np.clip(clear, 0.0, 1.0))
