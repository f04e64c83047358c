"""What conforming regions are cut from, and on which side of each cut surface its triangles are taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, CSF, DURA
from SpineRootLib.regions import BACK, CONTACT, FAT, GREY, LEAD, OUTSIDE
from SpineRootLib.surfaces.mesh import Surface, Triangles
from SpineRootLib.surfaces.solids import solid_of

# Crumbs of a cut smaller than this are rounding, not anatomy.
_CRUMB_MM3 = 1e-6
# surfaces that bound no region of their name: the outsides of dura and of epidural fat
_OUTER, _CANAL = "outer", "canal"


@dataclass(frozen=True, eq=False)
class Around:
    """Closed surfaces of what lies around the dura and within the cord.

    Parameters
    ----------
    outer : the outside of the dura.
    canal : that of the epidural fat.
    back : that of all.
    grey : grey matter, within the cord.
    lead : a lead's body; contacts are taken out of it.
    contacts : by region, ``contact_1``.
    """

    outer: Surface
    canal: Surface
    back: Surface
    grey: Surface | None = None
    lead: Surface | None = None
    contacts: Mapping[str, Surface] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Piece:
    """Triangles, (m, 3), of a region as cut, and the name of the surface that each lies on, (m,)."""

    triangles: Triangles
    source: NDArray[np.str_]

    def on(self, name: str) -> Triangles:
        """The triangles that lie on a surface."""
        return self.triangles[self.source == name]

    def sources(self) -> list[str]:
        """The names of the surfaces that its triangles lie on."""
        return [str(name) for name in np.unique(self.source)]

    def split(self, splits: Mapping[tuple[int, int], list[int]]) -> Piece:
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
        return Piece(np.concatenate([self.triangles[kept], added]), source)


def _fan(triangle: tuple[int, ...], splits: Mapping[tuple[int, int], list[int]]) -> list[tuple[int, int, int]]:
    """The triangle divided at the vertices on the first of its edges that has any."""
    for turn in range(3):
        start, end, tip = triangle[turn], triangle[(turn + 1) % 3], triangle[(turn + 2) % 3]
        between = splits.get((start, end)) or splits.get((end, start), [])[::-1]
        if between:
            stops = [start, *between, end]
            return [(one, other, tip) for one, other in zip(stops, stops[1:], strict=False)]
    return []


@dataclass(frozen=True)
class Faces:
    """Which pieces' triangles make the interfaces.

    Of each cut surface the triangles of one side are taken: of cord, grey matter, roots and lead of what lies outside,
    of dura, fat and back of what lies inside. The region on the other side has them turned round.

    Parameters
    ----------
    roots : names of the roots.
    around : whether anything lies around the dura.
    """

    roots: frozenset[str]
    around: bool

    def assembled(self, pieces: Mapping[str, Piece]) -> dict[str, Triangles]:
        """The surface of each region, (m, 3)."""
        found: dict[str, list[Triangles]] = {}
        for name, piece in pieces.items():
            for source in piece.sources():
                triangles = piece.on(source)
                if not self._is_taken(source, name):
                    continue
                found.setdefault(name, []).append(triangles)
                beyond = self._beyond(source, name)
                if beyond is not None and (beyond in pieces or beyond in (CORD, GREY)):
                    found.setdefault(beyond, []).append(triangles[:, ::-1])
        order = [*pieces, *(name for name in found if name not in pieces)]
        ranks = {name: rank for rank, name in enumerate(order)}
        return {name: np.concatenate(found[name]) for name in sorted(found, key=ranks.__getitem__)}

    def _is_taken(self, source: str, name: str) -> bool:
        """Whether the triangles that a region's piece has on a cut surface are its interface."""
        if source in self.roots:
            return self._root(name) != source or (not self.around and name.endswith(OUTSIDE))
        if source in (CORD, GREY):
            return name != source
        if source == LEAD or source.startswith(CONTACT):
            return name != source
        outside = {DURA: lambda: name == DURA or name.endswith(OUTSIDE), _OUTER: lambda: name == FAT}
        return not outside.get(source, lambda: source == _CANAL and name == BACK)()

    def _beyond(self, source: str, name: str) -> str | None:
        """The region on the other side of a cut surface from a region."""
        outside = name.endswith(OUTSIDE) or name in (DURA, FAT, BACK, LEAD) or name.startswith(CONTACT)
        if source in self.roots:
            own = self._root(name) == source
            if outside:
                return None if own or not self.around else f"{source}_{OUTSIDE}"
            return source
        if source == DURA:
            return DURA if name == CSF else f"{name}_{OUTSIDE}"
        return {_OUTER: FAT, _CANAL: BACK, BACK: None}.get(source, source)

    def _root(self, name: str) -> str:
        return name.removesuffix(f"_{OUTSIDE}")


def cut_solids(
    dura: Surface, cord: Surface | None, roots: Mapping[str, Surface], around: Around | None
) -> dict[str, tuple[Any, dict[int, str]]]:
    """The solids of all regions that are cut, and which surface each identity in them names.

    The cord without grey matter in it is not cut: all of its surface is its neighbours'.
    """
    cutting = _Cutting()
    sac = cutting.solid(DURA, dura)
    fluid, earlier, found = sac, [], {}
    if cord is not None:
        earlier.append(cutting.solid(CORD, cord))
        fluid = fluid - earlier[0]
        if around is not None and around.grey is not None:
            found[CORD] = earlier[0] - cutting.solid(GREY, around.grey)
    all_roots = []
    back = None if around is None else cutting.solid(BACK, around.back)
    for name, surface in roots.items():
        solid = cutting.solid(name, surface)
        rest = solid
        for other in earlier:
            rest = rest - other
        found[name], beyond = rest.split(sac)
        found[f"{name}_{OUTSIDE}"] = beyond if back is None else beyond ^ back
        earlier.append(solid)
        all_roots.append(solid)
        # one after the other: the union of all would fold where two cuts meet
        fluid = fluid - solid
    found[CSF] = fluid
    if around is not None:
        found |= _around(cutting, around, sac, back, all_roots)
    return {name: (solid, cutting.names) for name, solid in found.items() if solid.volume() > _CRUMB_MM3}


def _around(cutting: _Cutting, around: Around, sac: Any, back: Any, roots: list[Any]) -> dict[str, Any]:
    """The solids around the sac."""
    outer, canal = cutting.solid(_OUTER, around.outer), cutting.solid(_CANAL, around.canal)
    found, inserted = {}, []
    for name, surface in around.contacts.items():
        contact = cutting.solid(name, surface)
        found[name] = _less(contact, roots)
        inserted.append(contact)
    if around.lead is not None:
        lead = cutting.solid(LEAD, around.lead)
        found[LEAD] = _less(lead, [*inserted, *roots])
        inserted.append(lead)
    found[DURA] = _less(outer - sac, roots)
    found[FAT] = _less(canal - outer, [*roots, *inserted])
    found[BACK] = _less(back - canal, [*roots, *inserted])
    return found


def _less(solid: Any, others: list[Any]) -> Any:
    for other in others:
        solid = solid - other
    return solid


@dataclass
class _Cutting:
    """Solids that know their surface in whatever is cut from them."""

    names: dict[int, str] = field(default_factory=dict)

    def solid(self, name: str, surface: Surface) -> Any:
        """The solid within a surface, which has a name from here on."""
        solid = solid_of(surface).as_original()
        self.names[solid.original_id()] = name
        return solid
