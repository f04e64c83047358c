"""What an annotator sees on a slice: roots are separate dots, outside the cord and inside the dural sac."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, signed_area, signed_distance
from SpineRootLib.phantom.settings import AnnotatorSettings

Array = NDArray[np.float64]
_ROUNDS = 6
_PER_SEGMENT = 20
# The free side of a wall: outside the cord, inside the dura.
_FREE = {CORD: 1.0, DURA: -1.0}
_NONE: Array = np.empty(0)


def move_onto_visible_dots(marked: Annotation, truth: Annotation, settings: AnnotatorSettings) -> None:
    """Move marked root points, as little as need be, to where a person would see a dot of its own.

    No root is moved farther from another, from the cord, or from the dura than it truly lies.
    """
    planes = marked.require_planes()
    true = {root: truth.root_by_slice(root) for root in marked.roots}
    found = {root: marked.root_by_slice(root) for root in sorted(marked.roots)}
    for number in sorted({number for points in found.values() for number in points}):
        roots = [root for root, points in found.items() if number in points]
        right = planes.flatten(np.array([true[root][number] for root in roots]))
        flat = planes.flatten(np.array([found[root][number] for root in roots]))
        walls = _walls(marked, truth, number, right)
        for wall in walls:
            wall.least = np.minimum(wall.least, _asked(wall, [sorted(found[root]) for root in roots], number, settings))
        for _ in range(_ROUNDS):
            _part(flat, right, settings.apart_mm)
            for wall in walls:
                _keep_off(flat, wall)
        for root, point in zip(roots, planes.lift(flat, number), strict=True):
            found[root][number] = point
    for root, by_slice in found.items():
        marked.roots[root] = np.array([by_slice[number] for number in sorted(by_slice)])


@dataclass
class _Wall:
    """A drawn outline, (n, 2), counter-clockwise; its free side; how far from it each root lies at least, (m,) mm."""

    structure: str
    outline: Array
    least: Array

    def distance(self, flat: Array) -> Array:
        """Distance, (m,), of places, (m, 2); negative on the side that is not free."""
        return _FREE[self.structure] * signed_distance(self.outline, flat)


def _walls(marked: Annotation, truth: Annotation, number: int, right: Array) -> list[_Wall]:
    """The outlines that the annotator drew on a slice, or sees where none was drawn; how far roots truly lie off."""
    walls = []
    for structure in _FREE:
        true = _outline(truth, structure, number)
        if true is not None:
            own = _outline(marked, structure, number)
            walls.append(_Wall(structure, true if own is None else own, _Wall(structure, true, _NONE).distance(right)))
    return walls


def _outline(annotation: Annotation, structure: str, number: int) -> Array | None:
    """An outline as drawn on a slice, (n, 2), counter-clockwise."""
    contour = annotation.contours_by_slice(structure).get(number)
    if contour is None:
        return None
    line = closed_curve(annotation.require_planes().flatten(contour.points), _PER_SEGMENT)
    return line if signed_area(line) > 0 else line[::-1]


def _asked(wall: _Wall, slices: list[list[int]], number: int, settings: AnnotatorSettings) -> Array:
    """How far from a wall a root is marked at least, (m,): less where it joins the cord or truly leaves the dura."""
    if wall.structure == CORD:
        rank = [own.index(number) for own in slices]
        first, least = zip(*settings.off_cord_mm, strict=True)
        return np.array(least)[np.searchsorted(first, rank, side="right") - 1]
    last = np.array([number in own[-settings.leaving_slices :] for own in slices])
    leaving = last & (wall.least < settings.off_dura_mm)
    return np.where(leaving, -settings.beyond_dura_mm, settings.off_dura_mm)


def _part(flat: Array, right: Array, apart: float) -> None:
    """Push places, (m, 2), apart in pairs, no farther than their true ones lie."""
    first, second = np.triu_indices(len(flat), 1)
    wanted = np.minimum(apart, np.linalg.norm(right[second] - right[first], axis=1))
    for one, other, least in zip(first.tolist(), second.tolist(), wanted.tolist(), strict=True):
        away = flat[other] - flat[one]
        distance = float(np.linalg.norm(away))
        if distance < least:
            direction = away / distance if distance > 1e-9 else np.array([1.0, 0.0])
            flat[one] -= (least - distance) / 2 * direction
            flat[other] += (least - distance) / 2 * direction


def _keep_off(flat: Array, wall: _Wall) -> None:
    """Move places, (m, 2), across a wall's nearest point to its free side until they are far enough from it."""
    missing = wall.least - wall.distance(flat)
    for index in np.flatnonzero(missing > 1e-9).tolist():
        nearest = int(np.argmin(np.linalg.norm(wall.outline - flat[index], axis=1)))
        along = wall.outline[(nearest + 1) % len(wall.outline)] - wall.outline[nearest - 1]
        outward = np.array([along[1], -along[0]]) / np.linalg.norm(along)
        flat[index] += _FREE[wall.structure] * missing[index] * outward
