"""Meshes as Gmsh's binary files, versions 2.2 and 4.1: regions and interfaces are physical groups with their names.

The layout is that of the file formats' description in Gmsh's reference manual.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.volume.tetrahedra import TetrahedralMesh

_TRIANGLE, _TETRAHEDRON = 2, 4  # Gmsh's kinds of elements
_SURFACE, _VOLUME = 2, 3  # their dimensions
# interfaces are numbered from here on, above all numbers of regions
FIRST_INTERFACE = 1001


def gmsh_22(mesh: TetrahedralMesh) -> Iterator[bytes]:
    """The blocks of a file of version 2.2."""
    yield _header("2.2")
    yield _names(mesh)
    nodes = np.zeros(len(mesh.points), dtype=[("number", "<i4"), ("place", "<f8", 3)])
    nodes["number"], nodes["place"] = np.arange(1, len(nodes) + 1), flip_ras_lps(mesh.points)
    yield _section("Nodes", f"{len(nodes)}\n".encode() + nodes.tobytes())
    yield f"$Elements\n{len(mesh.surface.triangles) + len(mesh.tetrahedra)}\n".encode()
    count = 0
    for kind, group, corners in _blocks(mesh):
        # kind, how many, two tags each: the physical group, the entity
        yield np.array([kind, len(corners), 2], dtype="<i4").tobytes()
        rows = np.empty((len(corners), 3 + corners.shape[1]), dtype="<i4")
        rows[:, 0], rows[:, 1:3], rows[:, 3:] = count + np.arange(1, len(corners) + 1), group, corners + 1
        yield rows.tobytes()
        count += len(corners)
    yield b"\n$EndElements\n"


def gmsh_41(mesh: TetrahedralMesh) -> Iterator[bytes]:
    """The blocks of a file of version 4.1."""
    yield _header("4.1")
    yield _names(mesh)
    blocks = list(_blocks(mesh))
    yield _entities(mesh, blocks)
    yield _nodes_41(mesh, blocks)
    total = sum(len(corners) for _, _, corners in blocks)
    yield b"$Elements\n" + np.array([len(blocks), total, 1, total], dtype="<u8").tobytes()
    count = 0
    for kind, group, corners in blocks:
        dimension = _SURFACE if kind == _TRIANGLE else _VOLUME
        yield np.array([dimension, group, kind], dtype="<i4").tobytes()
        yield np.array([len(corners)], dtype="<u8").tobytes()
        rows = np.column_stack([count + np.arange(1, len(corners) + 1), corners + 1])
        yield rows.astype("<u8").tobytes()
        count += len(corners)
    yield b"\n$EndElements\n"


def _header(version: str) -> bytes:
    one = np.array([1], dtype="<i4").tobytes()
    return f"$MeshFormat\n{version} 1 8\n".encode() + one + b"\n$EndMeshFormat\n"


def _section(name: str, content: bytes) -> bytes:
    return f"${name}\n".encode() + content + f"\n$End{name}\n".encode()


def _names(mesh: TetrahedralMesh) -> bytes:
    """The physical groups: dimension, number and name of each."""
    lines = [f'{_VOLUME} {number} "{name}"' for number, name in sorted(mesh.surface.names.items())]
    lines += [f'{_SURFACE} {FIRST_INTERFACE + rank} "{name}"' for rank, name in enumerate(mesh.surface.interfaces())]
    return _section("PhysicalNames", "\n".join([str(len(lines)), *lines]).encode())


def _blocks(mesh: TetrahedralMesh) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """Elements by group: their kind, the number of the group, their corners."""
    for rank, which in enumerate(mesh.surface.interfaces().values()):
        yield _TRIANGLE, FIRST_INTERFACE + rank, mesh.surface.triangles[which]
    for number in sorted(mesh.surface.names):
        yield _TETRAHEDRON, number, mesh.tetrahedra[mesh.region == number]


def _entities(mesh: TetrahedralMesh, blocks: list[tuple[int, int, NDArray[np.int64]]]) -> bytes:
    """Surfaces and volumes, each with its box and its physical group, which has the same number."""
    counts = [sum(kind == each for kind, _, _ in blocks) for each in (_TRIANGLE, _TETRAHEDRON)]
    content = [np.array([0, 0, *counts], dtype="<u8").tobytes()]
    places = flip_ras_lps(mesh.points)
    for _, group, corners in blocks:
        own = places[corners.ravel()]
        content.append(np.array([group], dtype="<i4").tobytes())
        content.append(np.concatenate([own.min(axis=0), own.max(axis=0)]).astype("<f8").tobytes())
        content.append(np.array([1], dtype="<u8").tobytes() + np.array([group], dtype="<i4").tobytes())
        content.append(np.array([0], dtype="<u8").tobytes())  # what bounds it is not told
    return _section("Entities", b"".join(content))


def _nodes_41(mesh: TetrahedralMesh, blocks: list[tuple[int, int, NDArray[np.int64]]]) -> bytes:
    """Each node once, with the first entity that has it: an interface for those on one."""
    places = flip_ras_lps(mesh.points)
    free = np.ones(len(places), dtype=bool)
    content = []
    for kind, group, corners in blocks:
        used = np.unique(corners)
        own = used[free[used]]
        free[own] = False
        dimension = _SURFACE if kind == _TRIANGLE else _VOLUME
        content.append(np.array([dimension, group, 0], dtype="<i4").tobytes())
        content.append(np.array([len(own)], dtype="<u8").tobytes())
        content += [(own + 1).astype("<u8").tobytes(), places[own].astype("<f8").tobytes()]
    count = len(places)
    return _section("Nodes", np.array([len(blocks), count, 1, count], dtype="<u8").tobytes() + b"".join(content))
