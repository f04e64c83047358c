"""Regions that fill space without overlap or gap and share the triangles of their interfaces: for a volume mesher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, CSF, DURA
from SpineRootLib.regions import OUTSIDE
from SpineRootLib.surfaces.crumbs import Joined, join_crumbs
from SpineRootLib.surfaces.interface_cleaning import Cleaning
from SpineRootLib.surfaces.interface_complex import InterfaceComplex
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.surfaces.separation_settings import CleaningSettings, CrumbSettings
from SpineRootLib.surfaces.solids import import_manifold, solid_of, surface_of

# Crumbs of a cut smaller than this are rounding, not anatomy.
_CRUMB_MM3 = 1e-6
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
) -> dict[str, Surface]:
    """``cord``; each root from the cord's surface to the dura, and beyond it as ``<root>_outside``; ``csf``, the rest.

    Each interface is cut once and used by the two regions that it parts. Where roots overlap, the place belongs to the
    first. Where a region's interfaces cannot be shared, all are left as they were cut, and that region by itself.

    Parameters
    ----------
    dura, cord : closed surfaces.
    cleaning : what is wanted of the interfaces' triangles.
    roots : by name, such as ``nerveroots_L1_L``.
    joined : to which is added what was a crumb of one region and became part of another.

    Raises
    ------
    MissingExtraError
        if manifold3d is not installed.
    """
    import_manifold("the conforming set")
    cut = _cut(dura, cord, roots)
    vertices, pieces = _welded(cut)
    assembled = _assembled(pieces, list(roots))
    for _ in range(_SPLITS):
        splits = _junctions(vertices, assembled)
        if not splits:
            break
        pieces = {name: piece.split(splits) for name, piece in pieces.items()}
        assembled = _assembled(pieces, list(roots))
    assembled, moved = join_crumbs(vertices, assembled, crumbs)
    if joined is not None:
        joined += moved
    found = {name: _compact(vertices, triangles) for name, triangles in assembled.items()}
    if all(surface.is_watertight() for surface in found.values()):
        return _cleaned(vertices, assembled, found, cleaning)
    alone = {name: surface_of(solid) for name, (solid, _) in cut.items()}
    if cord is not None:
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


@dataclass(frozen=True, eq=False)
class _Piece:
    """Triangles, (m, 3), of a region as cut, and the name of the surface that each lies on, (m,)."""

    triangles: Triangles
    source: NDArray[np.str_]

    def on(self, name: str) -> Triangles:
        """The triangles that lie on a surface."""
        return self.triangles[self.source == name]

    def off(self, name: str) -> Triangles:
        """The triangles that lie on any other surface."""
        return self.triangles[self.source != name]

    def split(self, splits: Mapping[tuple[int, int], list[int]]) -> _Piece:
        """With the edges split at the vertices given for them."""
        rows: list[tuple[int, int, int]] = []
        sources: list[Any] = []
        kept = np.ones(len(self.triangles), dtype=bool)
        split = {vertex for edge in splits for vertex in edge}
        suspects = np.flatnonzero(np.isin(self.triangles, list(split)).sum(axis=1) >= 2)
        for index in suspects.tolist():
            fan = _fan(tuple(self.triangles[index].tolist()), splits)
            if fan:
                kept[index] = False
                fan = [row for row in fan if len(set(row)) == 3]
                rows += fan
                sources += [self.source[index]] * len(fan)
        added = np.array(rows, dtype=np.int64).reshape(-1, 3)
        source = np.concatenate([self.source[kept], np.array(sources, dtype=self.source.dtype)])
        return _Piece(np.concatenate([self.triangles[kept], added]), source)


def _fan(triangle: tuple[int, ...], splits: Mapping[tuple[int, int], list[int]]) -> list[tuple[int, int, int]]:
    """The triangle divided at the vertices on the first of its edges that has any."""
    for turn in range(3):
        start, end, tip = triangle[turn], triangle[(turn + 1) % 3], triangle[(turn + 2) % 3]
        between = splits.get((start, end)) or splits.get((end, start), [])[::-1]
        if between:
            stops = [start, *between, end]
            return [(one, other, tip) for one, other in zip(stops, stops[1:], strict=False)]
    return []


def _cut(dura: Surface, cord: Surface | None, roots: Mapping[str, Surface]) -> dict[str, tuple[Any, dict[int, str]]]:
    """The solids of all regions but the cord, and which surface each identity in them names."""
    sac = solid_of(dura).as_original()
    names = {sac.original_id(): DURA}
    fluid, earlier, found = sac, [], {}
    if cord is not None:
        earlier.append(solid_of(cord).as_original())
        names[earlier[0].original_id()] = CORD
        fluid = fluid - earlier[0]
    for name, surface in roots.items():
        solid = solid_of(surface).as_original()
        names[solid.original_id()] = name
        rest = solid
        for other in earlier:
            rest = rest - other
        found[name], found[f"{name}_{OUTSIDE}"] = rest.split(sac)
        earlier.append(solid)
        # one after the other: the union of all would fold where two cuts meet
        fluid = fluid - solid
    found[CSF] = fluid
    return {name: (solid, names) for name, solid in found.items() if solid.volume() > _CRUMB_MM3}


def _welded(cut: Mapping[str, tuple[Any, dict[int, str]]]) -> tuple[NDArray[np.float64], dict[str, _Piece]]:
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
        pieces[name] = _Piece(triangles[whole], source[whole])
    return vertices, pieces


def _assembled(pieces: Mapping[str, _Piece], roots: Sequence[str]) -> dict[str, Triangles]:
    """The surface of each region: what it was cut with, and what later regions were cut with of its own."""
    found: dict[str, Triangles] = {}
    inner = [name for name in (*roots, CSF) if name in pieces]
    for name in inner:
        if name != CSF:
            later = [pieces[other].on(name)[:, ::-1] for other in inner[inner.index(name) + 1 :]]
            found[name] = np.concatenate([pieces[name].off(name), *later])
        if f"{name}_{OUTSIDE}" in pieces:
            beyond = [pieces[f"{name}_{OUTSIDE}"].off(DURA), pieces[name].on(DURA)[:, ::-1]]
            found[f"{name}_{OUTSIDE}"] = np.concatenate(beyond)
    faces = [piece.on(CORD)[:, ::-1] for piece in pieces.values()]
    if sum(map(len, faces)):
        found[CORD] = np.concatenate(faces)
    return {**found, CSF: pieces[CSF].triangles}


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
