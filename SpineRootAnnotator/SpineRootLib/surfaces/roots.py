"""Roots: from points to centrelines that keep clear, and to tubes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.centreline import (
    Bundle,
    Chain,
    chain_through,
    lengths_along,
    merged_levels,
    nearest_on_segments,
)
from SpineRootLib.surfaces.clearing import Clearing, Exit, Walls
from SpineRootLib.surfaces.conflicts import CORD_PART, DURA_PART, find_conflicts
from SpineRootLib.surfaces.loft import Wall
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.settings import ClearanceSettings, ModelSettings
from SpineRootLib.surfaces.tube import corner_reach, tube


@dataclass(frozen=True, eq=False)
class RootTube:
    """One root as built.

    Parameters
    ----------
    nodes : (n, 3) of its centreline, from the cord to the ganglion; `free` as they lay before clearing.
    beyond : the node nearest to the last annotated point; those after it are extrapolated.
    leaves : where it leaves the dura.
    """

    root: Root
    chain: Chain
    radius: float
    nodes: Points
    free: Points
    beyond: int
    leaves: Exit | None
    surface: Surface


def root_part(root: Root) -> str:
    """The name of a root's surface: ``nerveroots_L1_L``."""
    return f"{ROOTS}_{root}"


def root_tubes(
    annotation: Annotation, cord: Wall | None, dura: Wall | None, settings: ModelSettings
) -> tuple[list[RootTube], Clearing | None]:
    """All roots that have at least two places to run through."""
    planes = annotation.require_planes()
    chains: dict[Root, Chain] = {}
    near_cord = None if cord is None else Proximity(cord.closed)
    for root in sorted(annotation.roots):
        points = merged_levels(annotation.roots[root], planes.depth(annotation.roots[root]))
        start = None
        if cord is not None and near_cord is not None:
            start = emergence(points[0], cord, near_cord, planes, settings.clearance)
        ganglion = annotation.ganglia.get(root)
        if len(points) + (ganglion is not None) >= 2:
            chains[root] = chain_through(start, points, ganglion, settings.mesh.tube_step_mm)
    if not chains:
        return [], None
    radii = [settings.roots.radius(root) for root in chains]
    bundle = Bundle(list(chains.values()), settings.roots)
    free = bundle.parts(bundle.nodes.copy())
    sides = settings.mesh.tube_sides
    reach = np.array(radii)[bundle.owner] * corner_reach(sides)
    clearing = Clearing(bundle, reach, _walls(planes, near_cord, dura), settings.clearance)
    clearing.run()
    tubes = [
        RootTube(root, chain, radius, nodes, before, last, leaves, tube(nodes, radius, sides))
        for (root, chain), radius, nodes, before, last, leaves in zip(
            chains.items(), radii, bundle.parts(bundle.nodes), free, bundle.last_seen(), clearing.exits(), strict=True
        )
    ]
    return tubes, clearing


def _walls(planes: SlicePlanes, cord: Proximity | None, dura: Wall | None) -> Walls:
    if dura is None:
        return Walls(planes, cord)
    depth = planes.depth(dura.side.vertices[np.unique(dura.side.triangles)])
    return Walls(planes, cord, Proximity(dura.side), (float(depth.min()), float(depth.max())))


def emergence(
    first: NDArray[np.float64], cord: Wall, near: Proximity, planes: SlicePlanes, settings: ClearanceSettings
) -> Points | None:
    """Where a root leaves the cord: on its surface, level with the root's first point, (3,), or slightly above.

    None for a first point above or below the annotated cord, or too far from it.
    """
    numbers = cord.stack.numbers
    level = planes.depth(first)[0] / planes.spacing + 1.0
    if not numbers[0] <= level <= numbers[-1]:
        return None
    away = abs(float(near.nearest(first.reshape(1, 3))[0][0]))
    if away > settings.join_mm:
        return None
    rise = min(away, settings.level_mm) + max(0.0, away - 4 * settings.level_mm)
    ring = cord.stack.ring_at(max(level - rise / planes.spacing, numbers[0]))
    flat = planes.flatten(first)[0]
    nearest = ring[int(np.argmin(np.linalg.norm(ring - flat, axis=1)))]
    place = planes.lift(nearest[None], max(level - rise / planes.spacing, numbers[0]))
    return near.nearest(place)[1][0]


def conflicts_report(clearing: Clearing | None, tubes: list[RootTube], planes: SlicePlanes) -> list[dict[str, Any]]:
    """Per conflict the two parts, the place, and what is between them there."""
    if clearing is None:
        return []
    names = {CORD_PART: CORD, DURA_PART: DURA, **{rank: root_part(item.root) for rank, item in enumerate(tubes)}}
    return [
        {
            "between": [names[part] for part in conflict.parts],
            "position_ras": conflict.position.round(3).tolist(),
            "slice": int(planes.number(conflict.position)[0]),
            "clearance_mm": round(conflict.clearance_mm, 4),
        }
        for conflict in find_conflicts(clearing)
    ]


def root_report(tubes: list[RootTube], planes: SlicePlanes) -> dict[str, Any]:
    """Per root what ``sub-XX_model.json`` says of it."""
    return {str(item.root): _one_root(item, planes) for item in tubes}


def _one_root(item: RootTube, planes: SlicePlanes) -> dict[str, Any]:
    length = lengths_along(item.nodes)
    moved = _distance_to_line(item.nodes, item.free)[: item.beyond + 1]
    leaves = item.leaves
    return {
        "radius_mm": item.radius,
        "length_mm": round(float(length[-1]), 3),
        "emergence": None if not item.chain.emerges else _place(item.nodes[0], planes),
        "exit": None
        if leaves is None
        else {"through": "side" if leaves.through_side else "end", **_place(leaves.position, planes)},
        "moved": {"max_mm": round(float(moved.max()), 4), "mean_mm": round(float(moved.mean()), 4)},
        "extrapolated": {
            "from_ras": item.nodes[item.beyond].round(4).tolist(),
            "to_ras": item.nodes[-1].round(4).tolist(),
            "length_mm": round(float(length[-1] - length[item.beyond]), 3),
        },
        "centreline_ras": item.nodes.round(6).tolist(),
    }


def _place(position: NDArray[np.float64], planes: SlicePlanes) -> dict[str, Any]:
    return {"position_ras": position.round(4).tolist(), "slice": int(planes.number(position)[0])}


def _distance_to_line(points: Points, line: Points) -> NDArray[np.float64]:
    """Distance of points, (n, 3), to a polyline, (m, 3), mm."""
    _, away = nearest_on_segments(points[:, None], line[:-1], line[1:])
    return np.asarray(np.linalg.norm(away, axis=2).min(axis=1))
