"""Ganglia from a label map: the middle of the largest piece of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.anatomy import GANGLIA, SIDES, Root
from SpineRootLib.images import Image
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.label_maps.roots import Middle
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

_ALL_TOUCHING = np.ones((3, 3, 3), dtype=bool)


def read_ganglia(
    image: Image, table: LabelTable, there: Collection[int], planes: SlicePlanes, middle: Middle | None
) -> tuple[dict[Root, NDArray[np.float64]], list[str]]:
    """The middle, (3,) RAS mm, of every ganglion, and sentences on those of which the side is not known.

    Parameters
    ----------
    there : the labels that the label map holds.
    """
    found: dict[Root, NDArray[np.float64]] = {}
    notes: list[str] = []
    for number in sorted(set(there) & set(table.numbers_of(GANGLIA))):
        meaning = table.meanings[number]
        pieces = _pieces(image, number)
        if not pieces or meaning.segment is None:
            continue
        if meaning.side is not None:
            found[Root(meaning.segment, meaning.side)] = pieces[0]
            continue
        sides = _by_side(pieces, planes, middle)
        found.update({Root(meaning.segment, side): point for side, point in sides.items()})
        if not sides:
            text = _("no ganglion of {segment}: its side cannot be told, for nothing shows the midline")
            notes.append(text.format(segment=meaning.segment))
    return found, notes


def _pieces(image: Image, number: int) -> list[NDArray[np.float64]]:
    """The middles, (3,) RAS mm, of what bears a label, the largest piece first."""
    labelled, count = ndimage.label(image.voxels == number, _ALL_TOUCHING)
    index = np.arange(1, count + 1)
    sizes = ndimage.sum_labels(np.ones(labelled.shape, dtype=np.uint8), labelled, index)
    centres = ndimage.center_of_mass(labelled > 0, labelled, index)
    return [image.ras_of([centres[rank]])[0] for rank in np.argsort(-np.asarray(sizes), kind="stable")]


def _by_side(
    pieces: Sequence[NDArray[np.float64]], planes: SlicePlanes, middle: Middle | None
) -> dict[str, NDArray[np.float64]]:
    """The largest piece on each side of the midline, where that is known."""
    found: dict[str, NDArray[np.float64]] = {}
    if middle is None:
        return found
    for point in pieces:
        right = planes.flatten(point)[0, 0] - middle(float(planes.depth(point)[0]))[0]
        found.setdefault("R" if right > 0 else "L", point)
    return {side: found[side] for side in SIDES if side in found}
