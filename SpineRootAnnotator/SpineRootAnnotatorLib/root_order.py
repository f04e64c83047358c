"""How the roots lie beside each other along the slices: where lines cross, roots were confused."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootAnnotatorLib.overview import SliceIndex
from SpineRootLib.anatomy import DURA, Root


@dataclass(frozen=True)
class Course:
    """One root's course.

    Parameters
    ----------
    numbers : the slices.
    sideways : on each, mm from the middle of the dura, to the subject's left positive.
    """

    root: Root
    numbers: tuple[int, ...]
    sideways: tuple[float, ...]


def root_order(index: SliceIndex) -> list[Course]:
    """The courses of all roots that are marked; without a dura on a slice the middle of its roots counts."""
    planes = index.annotation.require_planes()
    middles: dict[int, float] = {}
    for number, points in index.contours.get(DURA, {}).items():
        flat = planes.flatten(points)
        middles[number] = float(flat[:, 0].min() + flat[:, 0].max()) / 2
    courses = []
    for root in sorted(index.roots):
        places = {number: float(planes.flatten(point)[0, 0]) for number, point in sorted(index.roots[root].items())}
        sideways = tuple(middles.get(number, 0.0) - x for number, x in places.items())
        courses.append(Course(root, tuple(places), sideways))
    return courses
