"""What is under a click for a root: the dot that is clearly meant, or the place itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import ndimage

from SpineRootLib.anatomy import Root
from SpineRootLib.curves import signed_distance
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tracing.course_prior import course_prior
from SpineRootLib.tracing.dots import Dots
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.translation import _

# Where the surround of a place is looked at, mm: a root ends 0.6 from its middle.
_RING = 1.1 * np.column_stack([np.cos(np.arange(16) * np.pi / 8), np.sin(np.arange(16) * np.pi / 8)])
_STAYS = _("no dark dot is told apart here: the click stays where it is")


def place_of_click(
    dots: Dots, click: Flat, dura: Outline | None, radius_mm: float | None, settings: TracingSettings
) -> tuple[Flat | None, float, str]:
    """Where a click, (2,), for a root goes, its confidence, and why it is doubtful or refused.

    Parameters
    ----------
    dura : the dura on this slice where it is known.
    radius_mm : how far the click may be moved at most; by default as the settings say.
    """
    s = settings.clicks
    fault = dots.view.fault or outside_fault(dots, click, dura, settings)
    if fault:
        return None, 0.0, fault
    near = dots.near(click, max(s.alone_pull_mm, s.pull_mm) + s.alone_mm)
    away = np.linalg.norm(near - click, axis=1)
    if len(near) and away[0] <= _reach(near, away, radius_mm, settings):
        return near[0], s.sure, ""
    here = float(dots.view.patch.sample(dots.core, click[None])[0])
    around = float(np.median(dots.view.patch.sample(dots.view.relative, click + _RING)))
    if here > around + s.brighter:
        wrong = _("this place is brighter than what surrounds it: for bright roots on dark fluid invert the contrast")
        return None, 0.0, wrong
    if here > s.fluid:
        return None, 0.0, _("this place is as bright as the fluid: no root lies here")
    return click, s.unsure, _STAYS


def outside_fault(dots: Dots, place: Flat, dura: Outline | None, settings: TracingSettings) -> str:
    """Why a place, (2,), lies outside of the sac, or an empty text."""
    s, view = settings.clicks, dots.view
    if dura is not None:
        beyond = float(signed_distance(dura.flat, place[None])[0])
        text = _("this place lies {beyond:.1f} mm outside of the dura").format(beyond=beyond)
        return text if beyond > s.outside_mm else ""
    fluid = ndimage.binary_opening(dots.core > settings.contours.fluid_from, iterations=1)
    index = np.argwhere(fluid)
    away = np.linalg.norm(view.patch.to_flat(index) - place, axis=1).min(initial=np.inf)
    if away > s.dry_mm:
        text = _("there is no fluid within {reach:.0f} mm of this place: it lies outside of the dura")
        return text.format(reach=s.dry_mm)
    return ""


def wrong_root(
    marks: Mapping[Root, Mapping[int, Flat]],
    root: Root,
    number: int,
    place: Flat,
    planes: SlicePlanes,
    settings: TracingSettings,
) -> str:
    """Why a place, (2,) in-plane mm, on a slice cannot be a root's: another's, or far off its course; else empty."""
    s = settings.clicks
    for other, points in marks.items():
        if other != root and number in points and np.linalg.norm(points[number] - place) < s.own_mm:
            return _("this dot is marked as {root} already").format(root=other)
    own = {marked: flat for marked, flat in marks.get(root, {}).items() if marked != number}
    if not own:
        return ""
    expected = course_prior(np.array([number]), own, planes.spacing, settings.course)
    away = float(np.linalg.norm(place - expected.mean[0]))
    if away > max(s.course_mm, s.course_deviations * float(expected.deviation[0])):
        text = _("this dot lies {away:.1f} mm from where {root} is expected: is it another root?")
        return text.format(away=away, root=root)
    return ""


def _reach(near: Flat, away: Flat, radius_mm: float | None, settings: TracingSettings) -> float:
    """How far a click is moved to the nearest of the dots near it, (k, 2), that lie `away`, (k,) mm, from it."""
    s = settings.clicks
    most = np.inf if radius_mm is None else radius_mm
    if np.linalg.norm(near[1:] - near[0], axis=1).min(initial=np.inf) > s.alone_mm:
        return float(min(s.alone_pull_mm, most))
    clear = len(away) < 2 or away[1] - away[0] > s.clearly_mm
    return float(min(s.pull_mm, most)) if clear else -1.0
