"""The outline of dura or cord on one slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from SpineRootLib.anatomy import DURA
from SpineRootLib.curves import centroid
from SpineRootLib.tracing.contour_cost import Prior, edge_strength, path_cost, refine_edge, region_cost
from SpineRootLib.tracing.fluid import FluidView
from SpineRootLib.tracing.polar import Radii, Rays, closed_path
from SpineRootLib.tracing.settings import ContourSettings
from SpineRootLib.tracing.slices import Flat


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
    prior = None if expected is None else _prior(rays, expected, outward, settings)
    cost = path_cost(strength, region, rays.radii, prior, settings)
    shifts = settings.step_mm * np.arange(-settings.steepest, settings.steepest + 1, dtype=np.float64)
    path = closed_path(cost, settings.bend_weight * shifts**2)
    distance, clear = refine_edge(strength, path, rays.radii)
    return Outline(rays.points(_smoothed(distance, clear, settings) + outward), clear)


def find_centred_outline(
    view: FluidView, click: Flat, structure: str, settings: ContourSettings, expected: Outline | None = None
) -> Outline:
    """The outline seen from its own centre, wherever inside of it the click was."""
    first = find_outline(view, click, structure, settings, expected)
    return find_outline(view, first.centre, structure, settings, expected)


def _prior(rays: Rays, expected: Outline, outward: float, settings: ContourSettings) -> Prior:
    distance = rays.distances(expected.flat) - outward
    return Prior(distance, np.full(len(distance), settings.prior_mm))


def _smoothed(distance: Radii, clear: Radii, settings: ContourSettings) -> Radii:
    """Distances averaged along the outline, by how clear the edge is."""
    weight = 0.02 + np.clip(clear, 0.0, 1.0)
    sigma = settings.smooth_rays
    total = ndimage.gaussian_filter1d(distance * weight, sigma, mode="wrap")
    return np.asarray(total / ndimage.gaussian_filter1d(weight, sigma, mode="wrap"))
