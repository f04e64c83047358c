"""A root on one slice, from its confirmed points on slices near it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from SpineRootLib.anatomy import Root
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tracing.root_settings import PathSettings
from SpineRootLib.tracing.roots import Surroundings, spot_cost
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.snapping import Expectation, expected_spot
from SpineRootLib.tracing.views import Views

# So many confirmed points nearest to the slice tell the direction of the root.
_NEAREST = 5


def propose_next(
    views: Views, confirmed: Mapping[Root, Mapping[int, Flat]], root: Root, number: int, settings: TracingSettings
) -> tuple[Flat | None, float, str]:
    """The place, (2,) in-plane mm, confidence and reason for none."""
    points = confirmed.get(root, {})
    if not points:
        return None, 0.0, "no point of the root is confirmed from which to start"
    if views.image_fault:
        return None, 0.0, views.image_fault
    expected = expectation(points, number, views.planes.spacing, settings.path)
    if expected.deviation > settings.path.farthest_mm:
        return None, 0.0, "the nearest confirmed point of the root is too many slices away"
    spots = views.spots(number, expected.flat)
    cost, _ = spot_cost(spots, number, Surroundings({}, {}), settings.path)
    taken = [places[number] for other, places in confirmed.items() if other != root and number in places]
    return expected_spot(views.view(number, expected.flat), spots, cost, expected, taken, settings)


def expectation(points: Mapping[int, Flat], number: int, spacing: float, path: PathSettings) -> Expectation:
    """Where a root is expected: on the line through the confirmed points nearest to the slice, its slope drawn towards
    upright as far as `path.slope` says, and more loosely the farther they are."""
    numbers = sorted(points, key=lambda known: (abs(known - number), known))[:_NEAREST]
    flat = np.array([points[known] for known in numbers])
    depth = (np.array(numbers, dtype=float) - number) * spacing
    weight = 1.0 / (path.next_mm**2 + (path.bend * depth) ** 2)
    design = np.column_stack([np.ones(len(depth)), depth])
    information = design.T @ (design * weight[:, None]) + np.diag([0.0, 1.0 / path.slope**2])
    found = np.linalg.solve(information, design.T @ (flat * weight[:, None]))
    deviation = float(np.sqrt(np.linalg.inv(information)[0, 0] + path.next_mm**2))
    return Expectation(found[0], deviation)


def wrong_root(
    confirmed: Mapping[Root, Mapping[int, Flat]],
    root: Root,
    number: int,
    place: Flat,
    planes: SlicePlanes,
    settings: TracingSettings,
) -> str:
    """Why a place, (2,) in-plane mm, on a slice cannot be a root's: another's, or far off its course; else empty."""
    path = settings.path
    for other, points in confirmed.items():
        if other != root and number in points and np.linalg.norm(points[number] - place) < path.own_mm:
            return f"this spot is {other} already"
    points = {known: flat for known, flat in confirmed.get(root, {}).items() if known != number}
    if not points:
        return ""
    expected = expectation(points, number, planes.spacing, path)
    away = float(np.linalg.norm(place - expected.flat))
    if expected.deviation < path.farthest_mm and away > max(
        path.course_mm, path.course_deviations * expected.deviation
    ):
        return f"this spot lies {away:.1f} mm from where {root} is expected: is it another root?"
    return ""
