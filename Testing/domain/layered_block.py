"""A block of tetrahedra in layers, cord to back, with a root on each side and two contacts behind the dura, on disk."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np

from SpineRootLib.anatomy import CORD, CSF, DURA, Root
from SpineRootLib.fibres.courses import Fibre
from SpineRootLib.fibres.fibre_files import write_fibres
from SpineRootLib.regions import BACK, COLUMNS, FAT, LEAD, region_of, root_region, rows
from SpineRootLib.tables import write_described
from SpineRootLib.volume.labelled_surface import LabelledSurface
from SpineRootLib.volume.tetrahedra import TetrahedralMesh
from SpineRootLib.volume.volume_files import write_tetrahedra

# each reaches so many mm from the axis, which is z, in x and y
LAYERS_MM = {CORD: 2, CSF: 3, DURA: 4, FAT: 6, BACK: 8}
# one on the left and one on the right of the body; RAS
CONTACTS = {"contact_1": (-2.5, -4.5, 0.5), "contact_2": (2.5, -4.5, 0.5)}
ROOTS = {Root("L1", "L"): (-2.5, -2.5), Root("L1", "R"): (2.5, -2.5)}
HALF_LENGTH_MM = 9


def write_block(folder: Path, outermost: str = BACK, lead: bool = True) -> tuple[Path, Path, Path]:
    """The mesh of the layers up to the outermost, the table of its regions, and its fibres."""
    places, tetrahedra, middles = _cubes(LAYERS_MM[outermost])
    away = np.abs(middles[:, :2]).max(axis=1)
    region = np.zeros(len(tetrahedra), dtype=np.int64)
    for part, reach in reversed(LAYERS_MM.items()):
        region[away < reach] = region_of(part).number
    for root, at in ROOTS.items():
        region[np.abs(middles[:, :2] - at).max(axis=1) < 0.5] = root_region(root).number
    if lead:
        below = np.abs(middles - [0.0, -5.5, 0.5]).max(axis=1) < 0.6
        region[below] = region_of(LEAD).number
        for name, at in CONTACTS.items():
            region[np.abs(middles - at).max(axis=1) < 0.6] = region_of(name).number
    nothing = np.zeros(0, dtype=np.int64)
    surface = LabelledSurface(places, nothing.reshape(0, 3), nothing, nothing, (), {})
    mesh, *_ = write_tetrahedra(TetrahedralMesh(places, tetrahedra, region, surface), folder, "01", ["vtu"])
    parts = [*LAYERS_MM, *(root_region(root).part for root in ROOTS), LEAD, *CONTACTS]
    own = dict.fromkeys((part for part in parts if region_of(part).number in region), 100.0)
    table = write_described(folder / "sub-01_regions.tsv", list(COLUMNS), rows(own), COLUMNS)[0]
    return mesh, table, write_fibres([_straight(root, *at) for root, at in ROOTS.items()], folder, "01")[1]


def _cubes(reach: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, tetrahedra, and the middle of the cube of 1 mm in which each of these lies."""
    side, along = np.arange(-reach, reach + 1), np.arange(-HALF_LENGTH_MM, HALF_LENGTH_MM + 1)
    grid = np.stack(np.meshgrid(side, side, along, indexing="ij"), axis=-1)
    number = np.arange(grid[..., 0].size).reshape(grid.shape[:3])
    low, steps = number[:-1, :-1, :-1].ravel(), np.array([number[1, 0, 0], number[0, 1, 0], number[0, 0, 1]])
    # Kuhn: from one end of a diagonal to the other along the three axes, in each of their orders
    ways = [np.cumsum([0, *steps[list(order)]]) for order in permutations(range(3))]
    places = grid.reshape(-1, 3).astype(np.float64)
    tetrahedra = np.concatenate([low[:, None] + way for way in ways])
    return places, tetrahedra, np.tile(places[low] + 0.5, (len(ways), 1))


def _straight(root: Root, x: float, y: float) -> Fibre:
    """A fibre down through the middle of a root."""
    along = np.arange(0.0, 2 * HALF_LENGTH_MM - 2.0, 0.25)
    points = np.column_stack([np.full_like(along, x), np.full_like(along, y), HALF_LENGTH_MM - 1.0 - along])
    tangents = np.tile([0.0, 0.0, -1.0], (len(along), 1))
    region = np.full(len(along), root_region(root).number)
    return Fibre(root, points, along, tangents, np.full(len(along), 0.5), region, np.zeros(len(along), dtype=bool))
