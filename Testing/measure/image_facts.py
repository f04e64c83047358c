"""What a CISS image shows, in numbers: how dark, how crowded, how sharp; of a scan or a phantom, by one rule."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import binary_dilation, gaussian_filter, label, map_coordinates, minimum_filter

from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, signed_area, signed_distance
from SpineRootLib.images import Image

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# The four parts of a stack of 80 slices about a conus at slice 55, by slice from the top.
RANGES = {"below the conus": (65, 78), "conus": (47, 61), "enlargement": (27, 43), "above": (5, 23)}
# mm: pixels of the figures that these numbers are compared with, and what lies about the sac on a picture.
PIXEL_MM = 0.34
_MARGIN_MM = 4.0
# mm that wall and cord are kept from where fluid and roots are counted, for their edges are blurred.
_OFF_EDGE_MM = 0.3
# What is darker than so much of the fluid in front counts to the roots; what is darker than the second, for sure.
_DARK, _SURELY_DARK = 0.70, 0.60
# A dot is a minimum of the picture smoothed by so much, mm, below so much of the fluid, and so much of the fluid darker
# than a ring about it, mm.
_DOT_SMOOTHING_MM, _DOT_DARK, _DOT_DEPTH, _DOT_RING_MM = 0.17, 0.85, 0.10, 0.7
_RING_MM, _RING_POINTS = 0.9, 24
_RAY_MM = 1.2
# mm outside the cord and inside the dura where roots that touch them are looked for.
_BESIDE_MM = 0.7
_COHERENT_MM = 8.0


@dataclass(frozen=True)
class SliceFacts:
    """One slice; brightness relative to the fluid in front of the roots, lengths in mm.

    Parameters
    ----------
    dots, isolated : separable dark dots, and those that fluid surrounds.
    dark, dark_behind : dark share of the sac without the cord, and of its rearmost quarter.
    largest : mm2 of the largest dark mass.
    diameter, to_next : of the dots: median diameter and distance to the next one.
    root, cord, outside : brightness in the middle of dots, within the cord, and 1 to 3 mm outside the dura.
    behind : brightness of the fluid behind.
    edge : from 10 to 90 % of the dura's edge where fluid lies inside.
    ring : share of fluid on rings of 0.9 mm about the marks.
    cord_touched, dura_touched : share of the outlines with something dark 0.7 mm outside the cord, inside the dura.
    fluid_to_root : contrast at the marks.
    cord_variation : standard deviation within the cord.
    fluid : scanner units, 99.5th percentile about the sac.
    marks : roots that are marked.
    """

    dots: float
    isolated: float
    dark: float
    dark_behind: float
    largest: float
    diameter: float
    to_next: float
    root: float
    cord: float
    outside: float
    behind: float
    edge: float
    ring: float
    cord_touched: float
    dura_touched: float
    fluid_to_root: float
    cord_variation: float
    fluid: float
    marks: float


@dataclass(frozen=True, eq=False)
class Picture:
    """A slice about the sac in pixels of 0.34 mm; arrays (rows to the front, columns to the right).

    Parameters
    ----------
    values : scanner units.
    x, y : in-plane coordinates of columns and rows, mm.
    dura, cord : outlines, (n, 2) counter-clockwise; the cord's may be empty.
    to_dura, to_cord : signed distance to them, negative inside.
    marks : (m, 2) of the roots.
    """

    values: Array
    x: Array
    y: Array
    dura: Array
    cord: Array
    to_dura: Array
    to_cord: Array
    marks: Array

    def at(self, points: Array, smoothed: Array | None = None) -> Array:
        """Values at points, (n, 2) mm, by linear interpolation."""
        rows, columns = (points[:, 1] - self.y[0]) / PIXEL_MM, (points[:, 0] - self.x[0]) / PIXEL_MM
        return map_coordinates(self.values if smoothed is None else smoothed, [rows, columns], order=1, mode="nearest")

    @property
    def space(self) -> Mask:
        """Pixels of the sac without the cord, off their edges."""
        return (self.to_dura < -_OFF_EDGE_MM) & (self.to_cord > _OFF_EDGE_MM)


def take_picture(image: Image, annotation: Annotation, number: int) -> Picture:
    """The picture of a slice with what is annotated on it."""
    planes = annotation.require_planes()
    dura = _outline(annotation, "dura", number)
    cord = _outline(annotation, "cord", number)
    low, high = dura.min(axis=0) - _MARGIN_MM, dura.max(axis=0) + _MARGIN_MM
    x, y = (np.arange(low[axis], high[axis], PIXEL_MM) for axis in range(2))
    flat = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    index = image.index_of(planes.lift(flat, number)).T
    k = int(round(float(np.median(index[2]))))
    values = map_coordinates(image.voxels[:, :, k].astype(float), index[:2], order=1, mode="nearest")
    shape = (len(y), len(x))
    to_dura = signed_distance(dura, flat).reshape(shape)
    to_cord = signed_distance(cord, flat).reshape(shape) if len(cord) else np.full(shape, np.inf)
    marks = [annotation.root_by_slice(root).get(number) for root in annotation.roots]
    found = [planes.flatten(mark)[0] for mark in marks if mark is not None]
    return Picture(values.reshape(shape), x, y, dura, cord, to_dura, to_cord, np.reshape(found, (-1, 2)))


def _outline(annotation: Annotation, structure: str, number: int) -> Array:
    contour = annotation.contours_by_slice(structure).get(number)
    if contour is None:
        return np.empty((0, 2))
    line = annotation.require_planes().flatten(contour.curve())
    return line if signed_area(line) > 0 else line[::-1]


def measure_slice(picture: Picture) -> SliceFacts:
    """The numbers of one slice; NaN for what is not on it."""
    space, middle = picture.space, centroid(picture.dura)
    front = space & (picture.y[:, None] > middle[1])
    fluid = _bright(picture.values[front])
    root = float(np.median(picture.at(picture.marks))) if len(picture.marks) else np.nan
    limit, sure = _DARK * fluid, _SURELY_DARK * fluid
    dark = space & (picture.values < limit)
    dots, minima = _dots(picture, fluid)
    in_cord = picture.values[picture.to_cord < -0.8]
    rear = space & (picture.y[:, None] <= middle[1])
    ahead, behind = (float(np.percentile(picture.values[part & ~dark], 90)) for part in (front, rear))
    return SliceFacts(
        dots=len(dots),
        isolated=_isolated(picture, dots, dark),
        dark=dark.sum() / space.sum(),
        dark_behind=_dark_behind(dark, space),
        largest=_largest(dark) * PIXEL_MM**2,
        diameter=_diameter(picture, dots, limit),
        to_next=_to_next(dots),
        root=float(np.median(minima)) / fluid if len(minima) else np.nan,
        cord=float(np.median(in_cord)) / fluid if len(in_cord) else np.nan,
        outside=float(np.median(picture.values[(picture.to_dura > 1.0) & (picture.to_dura < 3.0)])) / fluid,
        behind=behind / ahead,
        edge=_edge(picture, fluid),
        ring=float(np.mean(_ring(picture, picture.marks, sure))) if len(picture.marks) else np.nan,
        cord_touched=_touched(picture, picture.cord, 1.0, sure),
        dura_touched=_touched(picture, picture.dura, -1.0, sure),
        fluid_to_root=_bright(picture.values[space & ~dark]) / root,
        cord_variation=float(np.std(in_cord)) / fluid if len(in_cord) > 50 else np.nan,
        fluid=float(np.percentile(picture.values, 99.5)),
        marks=len(picture.marks),
    )


def _bright(values: Array) -> float:
    """Brightness of the fluid among values: the middle of what is above half of the brightest."""
    if not len(values):
        return float("nan")
    return float(np.median(values[values > 0.5 * np.percentile(values, 95)]))


def _dots(picture: Picture, fluid: float) -> tuple[Array, Array]:
    """Minima of the smoothed picture in the sac that are deep enough, (n, 2) mm, and the picture's values there."""
    smooth = gaussian_filter(picture.values, _DOT_SMOOTHING_MM / PIXEL_MM)
    low = (smooth == minimum_filter(smooth, 3)) & (smooth < _DOT_DARK * fluid)
    low &= (picture.to_dura < -_OFF_EDGE_MM) & (picture.to_cord > 0.1)
    rows, columns = np.nonzero(low)
    dots = np.column_stack([picture.x[columns], picture.y[rows]])
    around = picture.at(_circles(dots, _DOT_RING_MM), smooth).reshape(len(dots), _RING_POINTS).mean(axis=1)
    deep = around - smooth[rows, columns] > _DOT_DEPTH * fluid
    return dots[deep], picture.values[rows, columns][deep]


def _circles(centres: Array, radius: float) -> Array:
    """Points on circles, centre by centre, (n * _RING_POINTS, 2)."""
    turn = np.arange(_RING_POINTS) * 2 * np.pi / _RING_POINTS
    return np.asarray(centres[:, None] + radius * np.column_stack([np.cos(turn), np.sin(turn)])).reshape(-1, 2)


def _isolated(picture: Picture, dots: Array, dark: Mask) -> int:
    """How many dots lie in a dark patch, of the sac without the cord, with no other dot in it."""
    labels, _count = label(dark)
    rows = np.rint((dots[:, 1] - picture.y[0]) / PIXEL_MM).astype(int)
    columns = np.rint((dots[:, 0] - picture.x[0]) / PIXEL_MM).astype(int)
    patch = labels[rows, columns]
    return int(np.sum(np.bincount(patch[patch > 0]) == 1)) + int(np.sum(patch == 0))


def _ring(picture: Picture, centres: Array, limit: float) -> Array:
    """Share of fluid on rings about centres, (n,)."""
    fluid = picture.at(_circles(centres, _RING_MM)) >= limit
    return np.asarray(fluid.reshape(len(centres), _RING_POINTS).mean(axis=1))


def _dark_behind(dark: Mask, space: Mask) -> float:
    """Dark share of the quarter of the sac's area that lies farthest behind."""
    rows = np.repeat(np.arange(len(space)), space.sum(axis=1))
    last = rows[len(rows) // 4]
    return float(dark[: last + 1].sum() / space[: last + 1].sum())


def _largest(dark: Mask) -> int:
    labels, count = label(dark)
    return int(np.bincount(labels.ravel())[1:].max()) if count else 0


def _diameter(picture: Picture, dots: Array, limit: float) -> float:
    """Median over dots of twice the way from a dot's middle to fluid, among the rays that meet some soon."""
    if not len(dots):
        return float("nan")
    turn, far = np.arange(24) * np.pi / 12, np.arange(0.0, _RAY_MM, 0.05)
    points = dots[:, None, None] + far[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])[:, None]
    bright = (picture.at(points.reshape(-1, 2)) >= limit).reshape(len(dots), len(turn), len(far))
    reached = np.where(bright.any(axis=2), far[bright.argmax(axis=2)], np.nan)
    each = [2 * np.nanmedian(rays) for rays in reached if np.isfinite(rays).sum() >= 4]
    return float(np.median(each)) if each else float("nan")


def _to_next(dots: Array) -> float:
    if len(dots) < 2:
        return float("nan")
    apart = np.linalg.norm(dots[:, None] - dots, axis=2) + 1e3 * np.eye(len(dots))
    return float(np.median(apart.min(axis=1)))


def _normals(outline: Array) -> Array:
    """Outward unit vectors of a closed counter-clockwise outline."""
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    outward = np.column_stack([along[:, 1], -along[:, 0]])
    return np.asarray(outward / np.linalg.norm(outward, axis=1, keepdims=True))


def _touched(picture: Picture, outline: Array, sign: float, limit: float) -> float:
    """Share of an outline with something dark beside it."""
    if not len(outline):
        return float("nan")
    return float(np.mean(picture.at(outline + sign * _BESIDE_MM * _normals(outline)) < limit))


def _edge(picture: Picture, fluid: float) -> float:
    """Median over the dura's normals of the way from 90 to 10 % between the fluid and what is darkest outside."""
    away = np.arange(-1.6, 2.01, 0.05)
    points = picture.dura[:, None] + away[:, None] * _normals(picture.dura)[:, None]
    profiles = picture.at(points.reshape(-1, 2)).reshape(len(picture.dura), -1)
    widths = []
    for profile in profiles:
        inside = profile[away < -0.8]
        if inside.min() < 0.8 * fluid:
            continue
        high, low = inside.mean(), profile[(away > 0.0) & (away < 1.5)].min()
        below = [np.argmax(profile[away > -0.8] < low + share * (high - low)) for share in (0.9, 0.1)]
        widths.append(0.05 * (below[1] - below[0]))
    return float(np.median(widths)) if widths else float("nan")


def measured_slices(step: int = 4) -> dict[str, list[int]]:
    """Numbers of every `step`-th slice of each range."""
    return {name: list(range(first, last + 1, step)) for name, (first, last) in RANGES.items()}


def measure_everywhere(image: Image, annotation: Annotation, step: int = 4) -> SliceFacts:
    """The mean of every `step`-th slice of all ranges; of `ring`, of all marks on them."""
    numbers = [number for each in measured_slices(step).values() for number in each]
    return mean_everywhere([measure_slice(take_picture(image, annotation, number)) for number in numbers])


def mean_everywhere(facts: list[SliceFacts]) -> SliceFacts:
    """The mean over slices; of `ring`, of all marks on them."""
    marked = [fact for fact in facts if fact.marks]
    marks = np.array([fact.marks for fact in marked])
    return replace(mean_facts(facts), ring=float(np.array([fact.ring for fact in marked]) @ marks / marks.sum()))


def measure_ranges(image: Image, annotation: Annotation, step: int = 4) -> dict[str, SliceFacts]:
    """The mean of every `step`-th slice of each range."""
    return {
        name: mean_facts([measure_slice(take_picture(image, annotation, number)) for number in numbers])
        for name, numbers in measured_slices(step).items()
    }


def mean_facts(facts: list[SliceFacts]) -> SliceFacts:
    """The mean of each number, of what is known."""
    values = {}
    for each in fields(SliceFacts):
        known = [value for one in facts if np.isfinite(value := getattr(one, each.name))]
        values[each.name] = float(np.mean(known)) if known else float("nan")
    return SliceFacts(**values)


def straying(annotation: Annotation, every: int = 10) -> Array:
    """mm between the marks of roots and the cubic spline through every tenth of each root's; sub-03: 0.27, p95 0.93."""
    planes = annotation.require_planes()
    away = []
    for root in annotation.roots:
        points = annotation.root_by_slice(root)
        numbers = np.array(sorted(points))
        flat = planes.flatten(np.array([points[number] for number in numbers]))
        kept = np.arange(0, len(numbers), every)
        other = np.setdiff1d(np.arange(kept[-1]), kept)
        course = CubicSpline(numbers[kept], flat[kept])
        away.append(np.linalg.norm(course(numbers[other]) - flat[other], axis=1))
    return np.concatenate(away)


def coherence(image: Image, annotation: Annotation, numbers: list[int]) -> tuple[float, float]:
    """Correlation of the crowd and a rim of fluid with what lies 8 mm below, before and after registration."""
    step = round(_COHERENT_MM / annotation.require_planes().spacing)
    before, after = [], []
    for number in numbers:
        here, below = (take_picture(image, annotation, each) for each in (number, number + step))
        moved = _onto(here, below, np.zeros(2))
        crowd = here.space & (here.values < _DARK * _bright(here.values[here.space]))
        crowd = binary_dilation(crowd, iterations=4)
        space = here.space & crowd & (_onto_distance(here, below) < -_OFF_EDGE_MM)
        before.append(_correlation(here.values, moved, space))
        shifts = [np.array([a, b]) * PIXEL_MM for a in range(-4, 5) for b in range(-4, 5)]
        after.append(_registered(here, below, space, shifts))
    return float(np.mean(before)), float(np.mean(after))


def _onto(here: Picture, below: Picture, shift: Array) -> Array:
    """The lower picture on the upper one's pixels, the sacs' middles on each other, moved by `shift` mm."""
    return below.at(_places(here, below) + shift).reshape(here.values.shape)


def _onto_distance(here: Picture, below: Picture) -> Array:
    return below.at(_places(here, below), below.to_dura).reshape(here.values.shape)


def _places(here: Picture, below: Picture) -> Array:
    flat = np.column_stack([part.ravel() for part in np.meshgrid(here.x, here.y)])
    return np.asarray(flat + centroid(below.dura) - centroid(here.dura))


def _correlation(one: Array, other: Array, where: Mask) -> float:
    return float(np.corrcoef(one[where], other[where])[0, 1])


def _registered(here: Picture, below: Picture, space: Mask, shifts: list[Array]) -> float:
    """The correlation after each place was moved by the shift that fits its surroundings of 1.5 mm best."""
    moved = [_onto(here, below, shift) for shift in shifts]
    off = np.array([gaussian_filter((here.values - each) ** 2 * space, 1.5 / PIXEL_MM) for each in moved])
    best = off.argmin(axis=0)
    fitted = np.take_along_axis(np.array(moved), best[None], axis=0)[0]
    return _correlation(here.values, fitted, space)
