"""Exact booleans on closed surfaces: the fluid, and regions that fill space for a volume mesher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from SpineRootLib.anatomy import CORD, CSF, ROOTS
from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.surfaces.mesh import Surface

OUTSIDE = "outside"
# Crumbs of a cut smaller than this are rounding, not anatomy.
_CRUMB_MM3 = 1e-6


def difference(whole: Surface, parts: Sequence[Surface]) -> Surface:
    """The closed surface of what is in `whole` and in none of the parts.

    Raises
    ------
    MissingExtraError
        if manifold3d is not installed.
    GeometryError
        if a surface is not closed.
    """
    import_manifold("the CSF surface")
    solid = _solid(whole)
    for part in parts:
        solid = solid - _solid(part)
    return _surface(solid)


def regions(dura: Surface, cord: Surface | None, roots: Mapping[str, Surface]) -> dict[str, Surface]:
    """Regions without overlap or gap whose interfaces coincide.

    ``cord``; each root from the cord's surface to the dura, and from there on as ``<root>_outside``; ``csf``, what is
    left of the dura. Where roots overlap, the place belongs to the first.

    Parameters
    ----------
    dura, cord : closed surfaces.
    roots : by name, such as ``nerveroots_L1_L``.
    """
    import_manifold("the conforming set")
    sac = _solid(dura)
    taken = None if cord is None else sac ^ _solid(cord)
    found: dict[str, Any] = {} if taken is None else {CORD: taken}
    for name, surface in roots.items():
        solid = _solid(surface) if taken is None else _solid(surface) - taken
        found[name], found[f"{name}_{OUTSIDE}"] = solid.split(sac)
        taken = solid if taken is None else taken + solid
    found[CSF] = sac if taken is None else sac - taken
    return {name: _surface(solid) for name, solid in found.items() if solid.volume() > _CRUMB_MM3}


def labels(names: Sequence[str]) -> dict[str, int]:
    """A number per region: 1 the fluid, 2 the cord, then the roots, inside the dura before outside it."""
    ranked = sorted(names, key=lambda name: (name != CSF, name != CORD, not name.startswith(ROOTS)))
    return {name: rank for rank, name in enumerate(ranked, start=1)}


def import_manifold(purpose: str) -> Any:
    """The library of booleans.

    Raises
    ------
    MissingExtraError
        if it is not installed.
    """
    try:
        import manifold3d
    except ImportError as error:
        raise MissingExtraError("manifold3d", "model", purpose) from error
    return manifold3d


def _solid(surface: Surface) -> Any:
    manifold3d = import_manifold("a boolean")
    mesh = manifold3d.Mesh64(
        np.ascontiguousarray(surface.vertices), np.ascontiguousarray(surface.triangles, dtype=np.uint64)
    )
    solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError:
        raise GeometryError(f"a surface is not closed, so that nothing can be cut from it ({solid.status().name})")
    return solid


def _surface(solid: Any) -> Surface:
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties)[:, :3], np.array(mesh.tri_verts).astype(np.int64))
