"""Places, segments and triangles as plain numbers: one at a time, many times faster than as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from SpineRootLib.surfaces.interface_complex import Coordinates

Triangle = tuple[Coordinates, Coordinates, Coordinates]


def minus(a: Coordinates, b: Coordinates) -> Coordinates:
    """The vector from b to a."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def middle(a: Coordinates, b: Coordinates) -> Coordinates:
    """Half-way between two places."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2


def part_way(a: Coordinates, b: Coordinates, share: float) -> Coordinates:
    """The place at a share of the way from one to another."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])


def dot(a: Coordinates | list[float], b: Coordinates | list[float]) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Coordinates, b: Coordinates) -> Coordinates:
    """The vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def six_volumes(origin: Coordinates, a: Coordinates, b: Coordinates, c: Coordinates) -> float:
    """Six times the signed volume of the tetrahedron from a place over a triangle."""
    x, y, z = origin
    ax, ay, az = a[0] - x, a[1] - y, a[2] - z
    bx, by, bz = b[0] - x, b[1] - y, b[2] - z
    cx, cy, cz = c[0] - x, c[1] - y, c[2] - z
    return ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)


def squared(a: Coordinates, b: Coordinates) -> float:
    """The squared distance of two places."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2


def box(places: Sequence[Coordinates]) -> tuple[Coordinates, Coordinates]:
    """The lowest and the highest coordinates of places."""
    x, y, z = zip(*places, strict=True)
    return (min(x), min(y), min(z)), (max(x), max(y), max(z))


def overlap(places: Triangle, low: Coordinates, high: Coordinates) -> bool:
    """Whether the box of a triangle overlaps another box."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = places
    lx, ly, lz = low
    hx, hy, hz = high
    return not (
        (az < lz and bz < lz and cz < lz)
        or (az > hz and bz > hz and cz > hz)
        or (ax < lx and bx < lx and cx < lx)
        or (ax > hx and bx > hx and cx > hx)
        or (ay < ly and by < ly and cy < ly)
        or (ay > hy and by > hy and cy > hy)
    )


def cross_each_other(one: Triangle, other: Triangle) -> bool:
    """Whether an edge of one triangle passes through the other."""
    if _on_one_side(one, other) or _on_one_side(other, one):
        return False
    return any(
        pierces(first[side], first[side - 1], *second)
        for first, second in ((one, other), (other, one))
        for side in range(3)
    )


def _on_one_side(one: Triangle, other: Triangle) -> bool:
    """Whether all of a triangle lies strictly on one side of another's plane: of most neighbours it does."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = other
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    level = nx * ax + ny * ay + nz * az
    first, second, third = (nx * x + ny * y + nz * z - level for x, y, z in one)
    return (first > 0.0 and second > 0.0 and third > 0.0) or (first < 0.0 and second < 0.0 and third < 0.0)


def pierces(start: Coordinates, end: Coordinates, a: Coordinates, b: Coordinates, c: Coordinates) -> bool:
    """Whether a straight piece passes through a triangle, by the signs of the volumes that they span."""
    normal = cross(minus(b, a), minus(c, a))
    if dot(minus(start, a), normal) * dot(minus(end, a), normal) > 0.0:
        return False
    along = minus(end, start)
    relative = minus(a, start), minus(b, start), minus(c, start)
    one, two, three = (dot(along, cross(relative[side], relative[side - 2])) for side in range(3))
    return (one >= 0.0 and two >= 0.0 and three >= 0.0) or (one <= 0.0 and two <= 0.0 and three <= 0.0)


def cosine_at_edge(start: Coordinates, end: Coordinates, one: Coordinates, other: Coordinates) -> float:
    """The cosine of the angle between two triangles on a common edge, each given by its third corner.

    1 where one lies on the other, -1 where they lie in one plane beside each other.
    """
    along = minus(end, start)
    away, aside = cross(along, minus(one, start)), cross(along, minus(other, start))
    return dot(away, aside) / max(sqrt(dot(away, away) * dot(aside, aside)), 1e-300)


def squared_to_segment(place: Coordinates, start: Coordinates, end: Coordinates) -> float:
    """Squared distance of a place from a straight piece."""
    return squared(place, nearest_on_segment(place, start, end))


def nearest_on_segment(place: Coordinates, start: Coordinates, end: Coordinates) -> Coordinates:
    """The place on a straight piece nearest to another."""
    x, y, z = start
    ux, uy, uz = end[0] - x, end[1] - y, end[2] - z
    square = ux * ux + uy * uy + uz * uz
    along = (place[0] - x) * ux + (place[1] - y) * uy + (place[2] - z) * uz
    if along <= 0.0 or square <= 0.0:
        return start
    if along >= square:
        return end
    share = along / square
    return x + share * ux, y + share * uy, z + share * uz


def squared_to_triangle(place: Coordinates, a: Coordinates, b: Coordinates, c: Coordinates) -> float:
    """Squared distance of a place from a triangle."""
    px, py, pz = place
    # the corners as seen from the place: it is above the triangle where it is inside of all three edges
    ax, ay, az = a[0] - px, a[1] - py, a[2] - pz
    bx, by, bz = b[0] - px, b[1] - py, b[2] - pz
    cx, cy, cz = c[0] - px, c[1] - py, c[2] - pz
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    square = nx * nx + ny * ny + nz * nz
    if (
        square > 0.0
        and nx * (ay * bz - az * by) + ny * (az * bx - ax * bz) + nz * (ax * by - ay * bx) >= 0.0
        and nx * (by * cz - bz * cy) + ny * (bz * cx - bx * cz) + nz * (bx * cy - by * cx) >= 0.0
        and nx * (cy * az - cz * ay) + ny * (cz * ax - cx * az) + nz * (cx * ay - cy * ax) >= 0.0
    ):
        height = nx * ax + ny * ay + nz * az
        return height * height / square
    return min(squared_to_segment(place, a, b), squared_to_segment(place, b, c), squared_to_segment(place, c, a))
