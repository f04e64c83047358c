"""Exact booleans on closed surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.surfaces.mesh import Surface


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
    solid = solid_of(whole)
    for part in parts:
        solid = solid - solid_of(part)
    return surface_of(solid)


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


def solid_of(surface: Surface) -> Any:
    """The solid inside a closed surface.

    Raises
    ------
    GeometryError
        if it is not closed.
    """
    manifold3d = import_manifold("a boolean")
    mesh = manifold3d.Mesh64(
        np.ascontiguousarray(surface.vertices), np.ascontiguousarray(surface.triangles, dtype=np.uint64)
    )
    solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError:
        raise GeometryError(f"a surface is not closed, so that nothing can be cut from it ({solid.status().name})")
    return solid


def surface_of(solid: Any) -> Surface:
    """The surface of a solid."""
    mesh = solid.to_mesh64()
    return Surface(np.array(mesh.vert_properties)[:, :3], np.array(mesh.tri_verts).astype(np.int64))
