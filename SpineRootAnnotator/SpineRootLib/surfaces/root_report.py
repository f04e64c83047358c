"""What the report says of roots: where they run, what was moved, what could not be kept clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.curves import arc_length, distance_to_line
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.conflicts import find_conflicts
from SpineRootLib.surfaces.contacts import CORD_PART, DURA_PART
from SpineRootLib.surfaces.obstacles import Obstacles
from SpineRootLib.surfaces.root_radius import MeasuredRadius
from SpineRootLib.surfaces.roots import RootTube, root_part


def conflicts_report(
    obstacles: Obstacles | None, tubes: list[RootTube], sides: int, planes: SlicePlanes
) -> list[dict[str, Any]]:
    """Per conflict the two parts, the place, and what is between them there; `sides` of the tubes' cross-sections."""
    if obstacles is None:
        return []
    names = {CORD_PART: CORD, DURA_PART: DURA, **{rank: root_part(item.root) for rank, item in enumerate(tubes)}}
    return [
        {
            "between": [names[part] for part in conflict.parts],
            "position_ras": conflict.position.round(3).tolist(),
            "slice": int(planes.number(conflict.position)[0]),
            "clearance_mm": round(conflict.clearance_mm, 4),
        }
        for conflict in find_conflicts(obstacles, [item.surface for item in tubes], sides)
    ]


def points_report(tubes: list[RootTube]) -> dict[str, Any]:
    """How far all annotated points lie from their centrelines, and how far they lay before they were separated."""
    if not tubes:
        return {}
    after = np.concatenate([distance_to_line(item.chain.points, item.nodes) for item in tubes])
    before = np.concatenate([distance_to_line(item.chain.points, item.free) for item in tubes])
    return {"number": len(after), **_statistics(after), "before_clearing": _statistics(before)}


def root_report(
    tubes: list[RootTube], planes: SlicePlanes, measured: Mapping[Root, MeasuredRadius]
) -> dict[str, dict[str, Any]]:
    """Per root what ``sub-XX_model.json`` says of it."""
    return {str(item.root): _one_root(item, planes, measured.get(item.root)) for item in tubes}


def _one_root(item: RootTube, planes: SlicePlanes, measured: MeasuredRadius | None) -> dict[str, Any]:
    length = arc_length(item.nodes)
    moved = distance_to_line(item.nodes, item.free)[: item.beyond + 1]
    leaves = item.leaves
    return {
        "radius_mm": round(item.radius, 4),
        "radius_measured": None
        if measured is None
        else {"spread_mm": round(measured.spread_mm, 4), "slices": measured.slices},
        "sections": {
            "flattened_percent": round(100 * float(item.flat.mean()), 1),
            "area_percent": round(100 * float(item.areas.mean()), 1),
            "least_area_percent": round(100 * float(item.areas.min()), 1),
        },
        "length_mm": round(float(length[-1]), 3),
        "emergence": None
        if not item.chain.emerges
        else {**_place(item.nodes[0], planes), "joined_mm": round(min(item.joined, float(length[-1])), 3)},
        "exit": None
        if leaves is None
        else {"through": "side" if leaves.through_side else "end", **_place(leaves.position, planes)},
        "points": {
            **_distances(item.chain.points, item.nodes),
            "before_clearing": _distances(item.chain.points, item.free),
        },
        "moved": {"max_mm": round(float(moved.max()), 4), "mean_mm": round(float(moved.mean()), 4)},
        "extrapolated": {
            "from_ras": item.nodes[item.beyond].round(4).tolist(),
            "to_ras": item.nodes[-1].round(4).tolist(),
            "length_mm": round(float(length[-1] - length[item.beyond]), 3),
            "percent": round(float(100 * (1 - length[item.beyond] / length[-1])), 1),
        },
        "centreline_ras": item.nodes.round(6).tolist(),
    }


def _place(position: NDArray[np.float64], planes: SlicePlanes) -> dict[str, Any]:
    return {"position_ras": position.round(4).tolist(), "slice": int(planes.number(position)[0])}


def _distances(points: Points, line: Points) -> dict[str, float]:
    """How far the annotated points lie from a centreline."""
    return _statistics(distance_to_line(points, line))


def _statistics(away: NDArray[np.float64]) -> dict[str, float]:
    p95 = float(np.percentile(away, 95))
    return {"mean_mm": round(float(away.mean()), 4), "p95_mm": round(p95, 4), "max_mm": round(float(away.max()), 4)}
