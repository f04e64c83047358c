"""The cerebrospinal fluid as what is left of the dural sac: exact booleans."""

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
    solid = _solid(whole)
    for part in parts:
        solid = solid - _solid(part)
    return _surface(solid)


def _solid(surface: Surface) -> Any:
    try:
        import manifold3d
    except ImportError as error:
        raise MissingExtraError("manifold3d", "model", "the CSF surface") from error
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
