"""Roots: from points to centrelines that keep clear, and to tubes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.centreline import Chain, ChainSystem, chain_through, merged_levels
from SpineRootLib.surfaces.continued_sac import LoftedSac, lead
from SpineRootLib.surfaces.exits import Exit
from SpineRootLib.surfaces.flattening import Flattening
from SpineRootLib.surfaces.loft import LoftedWall
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.obstacles import Obstacles, Walls
from SpineRootLib.surfaces.proximity import Proximity
from SpineRootLib.surfaces.separation import Separation
from SpineRootLib.surfaces.separation_settings import EmergenceSettings
from SpineRootLib.surfaces.settings import ModelSettings
from SpineRootLib.surfaces.tube import corner_reach, tube


@dataclass(frozen=True, eq=False)
class RootTube:
    """One root as built.

    Parameters
    ----------
    nodes : (n, 3) of its centreline, from the cord to the ganglion; `free` as they lay before they were separated.
    beyond : the node nearest to the last annotated point; those after it are extrapolated.
    leaves : where it leaves the dura.
    joined : how long its surface stays joined to the cord from the emergence on, mm.
    areas : (n,) of its sections, relative to that of the round root.
    flat : (n,) which of them are not round.
    """

    root: Root
    chain: Chain
    radius: float
    nodes: Points
    free: Points
    beyond: int
    leaves: Exit | None
    joined: float
    surface: Surface
    areas: NDArray[np.float64]
    flat: NDArray[np.bool_]


def root_part(root: Root) -> str:
    """The name of a root's surface: ``nerveroots_L1_L``."""
    return f"{ROOTS}_{root}"


def root_tubes(
    annotation: Annotation,
    cord: LoftedWall | None,
    walls: Walls,
    radii: Mapping[Root, float],
    settings: ModelSettings,
    sac: LoftedSac | None = None,
) -> tuple[list[RootTube], Obstacles | None]:
    """All roots that have at least two places to run through, and what they keep clear of.

    Parameters
    ----------
    cord : from which roots emerge; None without one.
    walls : cord and dura, which roots keep clear of.
    radii : of each root, mm.
    sac : the dura, where it was carried on below the scan: roots are led through it.
    """
    planes = annotation.require_planes()
    chains = _chains(annotation, cord, walls.cord, settings, sac, radii)
    if not chains:
        return [], None
    system = ChainSystem(list(chains.values()), planes.spacing, settings.centrelines, settings.solver)
    free_nodes = system.nodes.copy()
    sides = settings.mesh.tube_sides
    radius = np.array([radii[root] for root in chains])
    reach = np.minimum(radius, settings.roots.round_mm)[system.owner] * corner_reach(sides)
    obstacles = Obstacles(system, reach, walls, settings)
    Separation(obstacles).run()
    exits, joined = obstacles.exits(), obstacles.joined().tolist()
    flattening = Flattening(obstacles, radius[system.owner], sides)
    reaches = flattening.reaches()
    areas, flat = flattening.areas(reaches), np.ptp(reaches, axis=1) > 0
    obstacles.reach[:] = np.maximum(obstacles.reach, reaches.max(axis=1))
    parts = (system.parts(each) for each in (system.nodes, free_nodes, reaches, areas, flat))
    tubes = [
        RootTube(
            root,
            chain,
            radii[root],
            nodes,
            before,
            last,
            leaves,
            off,
            tube(nodes, radii[root], sides, reach),
            area,
            is_flat,
        )
        for (root, chain), last, leaves, off, nodes, before, reach, area, is_flat in zip(
            chains.items(), system.last_seen(), exits, joined, *parts, strict=True
        )
    ]
    return tubes, obstacles


def _chains(
    annotation: Annotation,
    cord: LoftedWall | None,
    near_cord: Proximity | None,
    settings: ModelSettings,
    sac: LoftedSac | None,
    radii: Mapping[Root, float],
) -> dict[Root, Chain]:
    """The roots that have at least two places, as chains of nodes."""
    planes = annotation.require_planes()
    same_depth_mm, same_place_mm = settings.centrelines.same_depth_mm, settings.centrelines.same_place_mm
    stops: dict[Root, tuple[Points | None, Points, Points | None]] = {}
    for root in sorted(annotation.roots):
        points = merged_levels(annotation.roots[root], planes.depth(annotation.roots[root]), same_depth_mm)
        start = None
        if cord is not None and near_cord is not None:
            start = emergence(points, cord, near_cord, planes, settings.emergences)
        ganglion = annotation.ganglia.get(root)
        if ganglion is not None and np.linalg.norm(points[-1] - ganglion) < same_place_mm:
            points = points[:-1]
        if len(points) and len(points) + (ganglion is not None) >= 2:
            stops[root] = start, points, ganglion
    led = {} if sac is None else _led(stops, radii, settings, sac)
    step = settings.mesh.tube_step_mm
    return {root: chain_through(*places, step, led.get(root)) for root, places in stops.items()}


def _led(
    stops: Mapping[Root, tuple[Points | None, Points, Points | None]],
    radii: Mapping[Root, float],
    settings: ModelSettings,
    sac: LoftedSac,
) -> dict[Root, Points]:
    """The places that roots are led through below the scan; `stops` are emergence, points and ganglion of each."""
    sides, room = settings.mesh.tube_sides, settings.clearance.clearance_mm + settings.clearance.margin_mm
    ends = {root: ganglion for root, (_start, _points, ganglion) in stops.items() if ganglion is not None}
    last = {root: stops[root][1][-1] for root in ends if len(stops[root][1])}
    apart = {root: radii[root] * corner_reach(sides) + room for root in last}
    return lead(last, ends, apart, sac)


def obstacle_walls(planes: SlicePlanes, walls: Mapping[str, LoftedWall]) -> Walls:
    """What roots keep clear of, of the walls that are there."""
    cord, dura = walls.get(CORD), walls.get(DURA)
    near_cord = None if cord is None else Proximity(cord.closed)
    if dura is None:
        return Walls(planes, near_cord)
    depth = planes.depth(dura.side.vertices[np.unique(dura.side.triangles)])
    return Walls(planes, near_cord, Proximity(dura.side), (float(depth.min()), float(depth.max())))


def emergence(
    points: Points, cord: LoftedWall, near: Proximity, planes: SlicePlanes, settings: EmergenceSettings
) -> Points | None:
    """Where a root of points (n, 3) leaves the cord: on its surface, above the first point, aslant as roots leave it.

    It is the place nearest to where the root comes from, so that the root does not turn back on itself. None for a
    first point above or below the annotated cord, or too far from it.
    """
    first, numbers = points[0], cord.stack.numbers
    level = planes.depth(first)[0] / planes.spacing + 1.0
    if not numbers[0] <= level <= numbers[-1]:
        return None
    away = abs(float(near.nearest(first.reshape(1, 3))[0][0]))
    if away > settings.join_mm:
        return None
    rise = settings.lean * away
    ring = cord.stack.ring_at(max(level - rise / planes.spacing, numbers[0]))
    course = first - points[min(settings.course_point, len(points) - 1)]
    course *= away / max(float(np.linalg.norm(course)), 1e-9)
    flat = planes.flatten(first + course)[0]
    nearest = ring[int(np.argmin(np.linalg.norm(ring - flat, axis=1)))]
    place = planes.lift(nearest[None], max(level - rise / planes.spacing, numbers[0]))
    return near.nearest(place)[1][0]
