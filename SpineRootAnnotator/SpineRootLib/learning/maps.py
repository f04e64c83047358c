"""Maps beside a label map: shares of voxels, distances, and heat around points that says how sure they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from SpineRootLib.anatomy import CORD, DURA, GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import arc_length, distance_to_polygon, inside
from SpineRootLib.frames import Points
from SpineRootLib.images import Image
from SpineRootLib.labels import LabelSettings
from SpineRootLib.place import Place
from SpineRootLib.planes import slice_axis

Map = NDArray[np.float32]
UNCERTAIN = "uncertain"
CSF_NAME = "CSF"


@dataclass(frozen=True)
class MapSettings:
    """How maps are made.

    Parameters
    ----------
    fine : along each axis of a slice so many places are asked in a voxel that an edge crosses: shares to 0.5 %.
    farthest_mm : distances are told so far; half the width of a sac is 10 mm.
    step_mm : a root's line is sampled so finely that its distance is off by 0.01 mm at most.
    spread_mm : standard deviation of the heat around a point whose uncertainty nothing tells: careful annotators are
        0.2 to 0.3 mm apart (Liu et al. 2024).
    unsure : a point that its annotator flagged as uncertain has so many times the spread; by eye.
    reach : heat ends so many standard deviations away.
    """

    fine: int = 5
    farthest_mm: float = 20.0
    step_mm: float = 0.1
    spread_mm: float = 0.3
    unsure: float = 2.0
    reach: float = 4.0
    labels: LabelSettings = field(default_factory=LabelSettings)


def soft_maps(image: Image, annotation: Annotation, settings: MapSettings | None = None) -> dict[str, Map]:
    """Which share of each voxel is ``cord``, ``nerveroots`` and ``CSF``, (i, j, k) from 0 to 1, together at most 1.

    An edge of cord or dura is that of its slice all through the slice; a root's is a ramp as wide as a voxel.
    """
    settings = settings or MapSettings()
    cord, sac = (_shares(image, annotation.contours[structure], settings) for structure in (CORD, DURA))
    width = float(np.mean(np.delete(np.linalg.norm(image.affine[:3, :3], axis=0), slice_axis(image.affine))))
    roots = np.zeros(image.voxels.shape, dtype=np.float32)
    part, beyond = _beyond_roots(image, annotation, settings, width)
    roots[part] = np.clip(0.5 - beyond / width, 0.0, 1.0)
    np.minimum(roots, 1.0 - cord, out=roots)
    fluid = np.clip(sac - cord - roots, 0.0, 1.0)
    return {CORD: cord, ROOTS: roots, CSF_NAME: fluid}


def distance_maps(image: Image, annotation: Annotation, settings: MapSettings | None = None) -> dict[str, Map]:
    """How far each voxel's centre lies outside of ``cord``, ``dura`` and ``nerveroots``, (i, j, k) mm; inside negative.

    Of cord and dura within the slice; where a slice has no contour, and farther off than is told, as far as is told.
    """
    settings = settings or MapSettings()
    found = {name: _wall_distance(image, annotation.contours[name], settings) for name in (CORD, DURA)}
    roots = np.full(image.voxels.shape, settings.farthest_mm, dtype=np.float32)
    part, beyond = _beyond_roots(image, annotation, settings, settings.farthest_mm)
    roots[part] = np.minimum(beyond, settings.farthest_mm)
    return {**found, ROOTS: roots}


def heat_maps(image: Image, annotation: Annotation, settings: MapSettings | None = None) -> dict[str, Map]:
    """1 at every point of ``nerveroots`` and ``ganglions``, falling off as a normal distribution with its uncertainty.

    The spread is what the sidecar tells (``Uncertainty`` of a weighted consensus, else ``Deviation``, mm), else the
    usual one; more where a point is flagged.
    """
    settings = settings or MapSettings()
    return {
        structure: _heat(image, _points(annotation, structure), settings)
        for structure in (ROOTS, GANGLIA)
        if (annotation.roots if structure == ROOTS else annotation.ganglia)
    }


def _shares(image: Image, contours: list[Contour], settings: MapSettings) -> Map:
    found = np.zeros(image.voxels.shape, dtype=np.float32)
    for place, flat, box in _slices(image, contours, 1):
        grid = np.stack(np.meshgrid(*(np.arange(low, high) for low, high in box), indexing="ij"), axis=-1)
        is_in = inside(flat, grid.reshape(-1, 2)).reshape(grid.shape[:2])
        share = is_in.astype(np.float32)
        edge = ndimage.binary_dilation(is_in, iterations=1) & ~ndimage.binary_erosion(is_in, iterations=1)
        offsets = (np.arange(settings.fine) + 0.5) / settings.fine - 0.5
        fine = np.stack(np.meshgrid(offsets, offsets, indexing="ij"), axis=-1).reshape(-1, 2)
        asked = (grid[edge][:, None] + fine).reshape(-1, 2)
        share[edge] = inside(flat, asked).reshape(-1, len(fine)).mean(axis=1)
        found[place] = np.maximum(found[place], share)
    return found


def _wall_distance(image: Image, contours: list[Contour], settings: MapSettings) -> Map:
    found = np.full(image.voxels.shape, settings.farthest_mm, dtype=np.float32)
    sizes = np.delete(np.linalg.norm(image.affine[:3, :3], axis=0), slice_axis(image.affine))
    margin = int(np.ceil(settings.farthest_mm / sizes.min()))
    for place, flat, box in _slices(image, contours, margin):
        grid = np.stack(np.meshgrid(*(np.arange(low, high) for low, high in box), indexing="ij"), axis=-1)
        asked = grid.reshape(-1, 2)
        sign = np.where(inside(flat, asked), -1.0, 1.0)
        # a curve has ten points between two control points: every second one is off by 0.01 mm
        away = np.concatenate(
            [
                distance_to_polygon(flat[::2] * sizes, some * sizes)
                for some in np.array_split(asked, len(asked) // 4000 + 1)
            ]
        )
        found[place] = np.minimum((sign * away).reshape(grid.shape[:2]), settings.farthest_mm)
    return found


def _slices(
    image: Image, contours: list[Contour], margin: int
) -> Iterator[tuple[tuple[slice | int, ...], NDArray[np.float64], list[tuple[int, int]]]]:
    """Of each contour that lies in the image its box there, its curve, (n, 2) voxel indices, and the box's sides."""
    across = slice_axis(image.affine)
    within = [axis for axis in range(3) if axis != across]
    for contour in contours:
        index = image.index_of(contour.curve())
        number = int(np.round(index[:, across].mean()))
        if not 0 <= number < image.voxels.shape[across]:
            continue
        flat = index[:, within]
        low = np.maximum(np.floor(flat.min(axis=0)) - margin, 0).astype(int)
        high = np.minimum(np.ceil(flat.max(axis=0)) + margin + 1, [image.voxels.shape[axis] for axis in within])
        box = [(int(first), int(last)) for first, last in zip(low, high, strict=True)]
        if any(first >= last for first, last in box):
            continue
        place: list[slice | int] = [number, number, number]
        for axis, (first, last) in zip(within, box, strict=True):
            place[axis] = slice(first, last)
        yield tuple(place), flat, box


def _beyond_roots(
    image: Image, annotation: Annotation, settings: MapSettings, margin_mm: float
) -> tuple[tuple[slice, ...], Map]:
    """The box around all roots with a margin, and how far its voxels lie outside of the nearest root, mm."""
    lines, radii = [], []
    for root in annotation.roots:
        line = _sampled(annotation.root_descending(root), settings.step_mm)
        lines.append(line)
        radii.append(np.full(len(line), settings.labels.radius_of(root)))
    if not lines:
        return (slice(0, 0),) * 3, np.zeros((0, 0, 0), dtype=np.float32)
    points, radius = np.concatenate(lines), np.concatenate(radii)
    index = image.index_of(points)
    reach = (margin_mm + radius.max()) / np.linalg.norm(image.affine[:3, :3], axis=0)
    low = np.maximum(np.floor(index.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0) + reach) + 1, image.voxels.shape).astype(int)
    part = tuple(slice(int(first), int(max(first, last))) for first, last in zip(low, high, strict=True))
    shape = tuple(each.stop - each.start for each in part)
    beyond = np.full(shape, np.inf, dtype=np.float32)
    for value in np.unique(radius):
        tree = KDTree(points[radius == value])
        for slab in range(shape[0]):
            grid = np.stack(np.meshgrid([slab], np.arange(shape[1]), np.arange(shape[2]), indexing="ij"), axis=-1)
            asked = image.ras_of(grid.reshape(-1, 3) + low)
            away = tree.query(asked, distance_upper_bound=margin_mm + value)[0] - value
            beyond[slab] = np.minimum(beyond[slab], away.reshape(shape[1:]))
    return part, beyond


def _sampled(line: Points, step: float) -> Points:
    if len(line) < 2:
        return line
    length = arc_length(line)
    even = np.linspace(0.0, length[-1], int(np.ceil(length[-1] / step)) + 1)
    return np.column_stack([np.interp(even, length, axis) for axis in line.T])


def _points(annotation: Annotation, structure: str) -> Iterator[tuple[NDArray[np.float64], dict[str, object]]]:
    """Every point, (3,), with what the sidecar says of it."""
    if structure == GANGLIA:
        for root, point in annotation.ganglia.items():
            yield point, annotation.provenance.at(Place(GANGLIA, root))
        return
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            yield point, annotation.provenance.at(Place(ROOTS, root, number))


def _heat(image: Image, points: Iterator[tuple[NDArray[np.float64], dict[str, object]]], settings: MapSettings) -> Map:
    found = np.zeros(image.voxels.shape, dtype=np.float32)
    size = np.linalg.norm(image.affine[:3, :3], axis=0)
    for point, record in points:
        spread = _spread(record, settings)
        centre, reach = image.index_of(point)[0], settings.reach * spread / size
        low = np.maximum(np.ceil(centre - reach), 0).astype(int)
        high = np.minimum(np.floor(centre + reach) + 1, image.voxels.shape).astype(int)
        if np.any(low >= high):
            continue
        grid = np.stack(np.meshgrid(*map(np.arange, low, high), indexing="ij"), axis=-1)
        square = np.square(image.ras_of(grid.reshape(-1, 3)) - point).sum(axis=1)
        part = tuple(slice(first, last) for first, last in zip(low.tolist(), high.tolist(), strict=True))
        heat = np.exp(-square / (2.0 * spread**2)).reshape(grid.shape[:3])
        found[part] = np.maximum(found[part], heat)
    return found


def _spread(record: dict[str, object], settings: MapSettings) -> float:
    told, flags = record.get("Uncertainty", record.get("Deviation")), record.get("Flags", [])
    is_told = isinstance(told, int | float) and not isinstance(told, bool) and np.isfinite(told) and told > 0
    spread = max(float(str(told)), settings.spread_mm) if is_told else settings.spread_mm
    return spread * (settings.unsure if isinstance(flags, list) and UNCERTAIN in flags else 1.0)
