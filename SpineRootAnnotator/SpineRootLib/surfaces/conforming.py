"""Regions that fill space without overlap or gap and share the triangles of their interfaces: for a volume mesher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD
from SpineRootLib.surfaces.crumbs import Joined, join_crumbs
from SpineRootLib.surfaces.cutting import Around, Faces, Piece, cut_solids
from SpineRootLib.surfaces.interface_cleaning import Cleaning
from SpineRootLib.surfaces.interface_complex import InterfaceComplex
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.surfaces.separation_settings import CleaningSettings, CrumbSettings
from SpineRootLib.surfaces.solids import import_manifold, surface_of

# Vertices nearer than this are one: far above the rounding of the booleans, far below any triangle.
_SAME_MM = 1e-6
_SPLITS = 4


def regions(
    dura: Surface,
    cord: Surface | None,
    roots: Mapping[str, Surface],
    cleaning: CleaningSettings | None = None,
    crumbs: CrumbSettings | None = None,
    joined: list[Joined] | None = None,
    around: Around | None = None,
) -> dict[str, Surface]:
    """``cord``; each root from the cord's surface to the dura, and beyond it as ``<root>_outside``; ``csf``, the rest.

    With surroundings the grey matter within the cord, the dura as a shell, fat, back, lead and contacts as well. Each
    interface is cut once and used by the two regions that it parts. Where roots overlap, the place belongs to the
    first. Where a region's interfaces cannot be shared, all are left as they were cut, and that region by itself.

    Parameters
    ----------
    dura, cord : closed surfaces; of the dura that towards the fluid.
    cleaning : what is wanted of the interfaces' triangles.
    roots : by name, such as ``nerveroots_L1_L``.
    joined : to which is added what was a crumb of one region and became part of another.
    around : what lies around the dura and within the cord.

    Raises
    ------
    MissingExtraError
        if manifold3d is not installed.
    """
    import_manifold("the conforming set")
    cut = cut_solids(dura, cord, roots, around)
    faces = Faces(frozenset(roots), around is not None)
    vertices, pieces = _welded(cut)
    assembled = faces.assembled(pieces)
    for _ in range(_SPLITS):
        splits = _junctions(vertices, assembled)
        if not splits:
            break
        pieces = {name: piece.split(splits) for name, piece in pieces.items()}
        assembled = faces.assembled(pieces)
    assembled, moved = join_crumbs(vertices, assembled, crumbs)
    if joined is not None:
        joined += moved
    found = {name: _compact(vertices, triangles) for name, triangles in assembled.items()}
    if all(surface.is_watertight() for surface in found.values()):
        return _cleaned(vertices, assembled, found, cleaning)
    alone = {name: surface_of(solid) for name, (solid, _) in cut.items()}
    if cord is not None and CORD not in alone:
        alone[CORD] = cord
    return {name: surface if surface.is_watertight() else alone[name] for name, surface in found.items()}


def _cleaned(
    vertices: NDArray[np.float64],
    assembled: Mapping[str, Triangles],
    as_cut: dict[str, Surface],
    settings: CleaningSettings | None,
) -> dict[str, Surface]:
    """The surfaces of the regions without slivers; as they were cut if any would fall apart by it."""
    interfaces = InterfaceComplex(vertices, assembled)
    Cleaning(interfaces, settings).run()
    cleaned = interfaces.surfaces()
    sound = all(
        surface.is_watertight() and surface.components() == as_cut[name].components()
        for name, surface in cleaned.items()
    )
    return cleaned if sound else as_cut


def _welded(cut: Mapping[str, tuple[Any, dict[int, str]]]) -> tuple[NDArray[np.float64], dict[str, Piece]]:
    """One table of vertices for all pieces."""
    meshes = {name: solid.to_mesh64() for name, (solid, _) in cut.items()}
    places = [np.array(mesh.vert_properties)[:, :3] for mesh in meshes.values()]
    grid = np.rint(np.concatenate(places) / _SAME_MM)
    _, first, rank = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    vertices = np.concatenate(places)[first]
    offsets = np.cumsum([0, *map(len, places)])
    pieces = {}
    for (name, mesh), offset in zip(meshes.items(), offsets, strict=False):
        triangles = rank.ravel()[np.array(mesh.tri_verts).astype(np.int64) + offset]
        runs = np.array(mesh.run_index, dtype=np.int64)
        named = [cut[name][1].get(int(identity), "") for identity in mesh.run_original_id]
        source = np.repeat(named, (runs[1:] - runs[:-1]) // 3)
        a, b, c = triangles.T
        whole = (a != b) & (b != c) & (c != a)
        pieces[name] = Piece(triangles[whole], source[whole])
    return vertices, pieces


def _junctions(vertices: NDArray[np.float64], assembled: Mapping[str, Triangles]) -> dict[tuple[int, int], list[int]]:
    """Edges without a partner that run past vertices of other such edges, and these vertices in their order."""
    found: dict[tuple[int, int], list[int]] = {}
    for triangles in assembled.values():
        edges = _open_edges(triangles)
        corners = np.unique(edges)
        for start, end in edges.tolist():
            along = vertices[end] - vertices[start]
            relative = vertices[corners] - vertices[start]
            share = relative @ along / (along @ along)
            away = np.linalg.norm(relative - share[:, None] * along, axis=1)
            between = (share > 0) & (share < 1) & (away < 10 * _SAME_MM) & (corners != start) & (corners != end)
            if between.any() and (end, start) not in found:
                found[start, end] = corners[between][np.argsort(share[between])].tolist()
    return found


def _open_edges(triangles: Triangles) -> NDArray[np.int64]:
    """Edges, (k, 2), that no triangle runs along in the other direction."""
    start, end = triangles.ravel(), np.roll(triangles, -1, axis=1).ravel()
    count = int(triangles.max(initial=0)) + 1
    single = ~np.isin(start * count + end, end * count + start)
    return np.column_stack([start[single], end[single]])


def _compact(vertices: NDArray[np.float64], triangles: Triangles) -> Surface:
    used, rank = np.unique(triangles, return_inverse=True)
    return Surface(vertices[used], rank.reshape(-1, 3))
