"""Places, segments and triangles as plain numbers: one at a time, many times faster than as arrays."""

from __future__ import annotations

from collections.abc import Sequence

from SpineRootLib.surfaces.interface_complex import Coordinates

Triangle = tuple[Coordinates, Coordinates, Coordinates]


def minus(a: Coordinates, b: Coordinates) -> Coordinates:
    """The vector from b to a."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def middle(a: Coordinates, b: Coordinates) -> Coordinates:
    """Half-way between two places."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2


def dot(a: Coordinates | list[float], b: Coordinates | list[float]) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Coordinates, b: Coordinates) -> Coordinates:
    """The vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def squared(a: Coordinates, b: Coordinates) -> float:
    """The squared distance of two places."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2


def box(places: Sequence[Coordinates]) -> tuple[Coordinates, Coordinates]:
    """The lowest and the highest coordinates of places."""
    x, y, z = zip(*places, strict=True)
    return (min(x), min(y), min(z)), (max(x), max(y), max(z))


def overlap(places: Triangle, low: Coordinates, high: Coordinates) -> bool:
    """Whether the box of a triangle overlaps another box."""
    a, b, c = places
    for axis in range(3):
        if a[axis] < low[axis] and b[axis] < low[axis] and c[axis] < low[axis]:
            return False
        if a[axis] > high[axis] and b[axis] > high[axis] and c[axis] > high[axis]:
            return False
    return True


def cross_each_other(one: Triangle, other: Triangle) -> bool:
    """Whether an edge of one triangle passes through the other."""
    return any(
        pierces(first[side], first[side - 1], *second)
        for first, second in ((one, other), (other, one))
        for side in range(3)
    )


def pierces(start: Coordinates, end: Coordinates, a: Coordinates, b: Coordinates, c: Coordinates) -> bool:
    """Whether a straight piece passes through a triangle, by the signs of the volumes that they span."""
    normal = cross(minus(b, a), minus(c, a))
    if dot(minus(start, a), normal) * dot(minus(end, a), normal) > 0.0:
        return False
    along = minus(end, start)
    turns = [dot(along, cross(minus(p, start), minus(q, start))) for p, q in ((a, b), (b, c), (c, a))]
    return all(turn >= 0.0 for turn in turns) or all(turn <= 0.0 for turn in turns)


def squared_to_segment(place: Coordinates, start: Coordinates, end: Coordinates) -> float:
    """Squared distance of a place from a straight piece."""
    return squared(place, nearest_on_segment(place, start, end))


def nearest_on_segment(place: Coordinates, start: Coordinates, end: Coordinates) -> Coordinates:
    """The place on a straight piece nearest to another."""
    along, relative = minus(end, start), minus(place, start)
    share = min(1.0, max(0.0, dot(relative, along) / max(dot(along, along), 1e-300)))
    return start[0] + share * along[0], start[1] + share * along[1], start[2] + share * along[2]


def squared_to_triangle(place: Coordinates, a: Coordinates, b: Coordinates, c: Coordinates) -> float:
    """Squared distance of a place from a triangle."""
    normal = cross(minus(b, a), minus(c, a))
    square = dot(normal, normal)
    if square > 0.0:
        inside = all(
            dot(cross(minus(end, start), minus(place, start)), normal) >= 0.0 for start, end in ((a, b), (b, c), (c, a))
        )
        if inside:
            height = dot(minus(place, a), normal)
            return height * height / square
    return min(squared_to_segment(place, a, b), squared_to_segment(place, b, c), squared_to_segment(place, c, a))
