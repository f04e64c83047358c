"""A first guess of the dura about a click: the convex hull of the fluid and the dark dots that hang together there.

Behind a crowd of roots the wall itself is often not seen: the fat behind it is as dark as they are. The dots between
fluid and fat are, and the sac is convex but for the sleeves of roots.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError, cKDTree

from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.dots import Dots
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.polar import Rays
from SpineRootLib.tracing.slices import Flat


def sac_about(dots: Dots, click: Flat, settings: ContourSettings) -> Outline | None:
    """The hull about a click, (2,) in-plane mm, on equal angles; None where nothing of a sac's size lies there."""
    view = dots.view
    reach = [2 * round(settings.dot_mm * 2 / step) + 1 for step in view.patch.spacing]
    bright = ndimage.maximum_filter(dots.core, size=reach, mode="nearest")
    roots = dots.flat[view.patch.sample(bright, dots.flat) > settings.beside_from]
    return _hull(dots, click, roots, settings)


def fluid_about(dots: Dots, place: Flat, settings: ContourSettings) -> Outline | None:
    """The hull of the fluid alone that hangs together near a place, (2,), on equal angles; None as for a sac."""
    return _hull(dots, place, np.empty((0, 2)), settings)


def _hull(dots: Dots, click: Flat, roots: Flat, settings: ContourSettings) -> Outline | None:
    """The hull of the fluid and of roots' dots, (k, 2), that hang together near a place."""
    view = dots.view
    size = view.patch.pixels.shape
    places = view.patch.to_flat(np.argwhere(np.ones(size, dtype=bool)))
    inside = (dots.core > settings.fluid_from).ravel()
    if len(roots):
        inside |= cKDTree(roots).query(places)[0] < settings.dot_mm
    inside &= np.linalg.norm(places - click, axis=1) < settings.largest_mm
    turns = max(1, round(settings.gap_mm / float(view.patch.spacing.mean())))
    closed = ndimage.binary_closing(np.pad(inside.reshape(size), turns), iterations=turns)[turns:-turns, turns:-turns]
    parts, _ = ndimage.label(closed)
    near = np.linalg.norm(places - click, axis=1) + np.where(parts.ravel() > 0, 0.0, np.inf)
    if not np.isfinite(near.min()):
        return None
    chosen = places[parts.ravel() == parts.ravel()[near.argmin()]]
    try:
        hull = ConvexHull(chosen)
    except QhullError:
        return None
    if not settings.smallest_sac_mm2 <= hull.volume <= settings.largest_sac_mm2:
        return None
    corners = chosen[hull.vertices]
    along = np.linspace(0.0, 1.0, 24, endpoint=False)[:, None]
    edge = np.concatenate([a + along * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    rays = Rays.around(Outline(edge, np.ones(len(edge))).centre, settings.angles, settings.step_mm, settings.largest_mm)
    return Outline(rays.points(rays.distances(edge)), np.ones(settings.angles))
