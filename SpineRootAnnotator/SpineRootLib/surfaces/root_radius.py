"""The radius of a root, measured in the CISS image: how much fluid its dark dot displaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve, distance_to_polygon
from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.surfaces.root_settings import RadiusMeasurementSettings


@dataclass(frozen=True)
class MeasuredRadius:
    """A root's radius as measured.

    Parameters
    ----------
    radius_mm : median over the slices; `spread_mm` the half distance of the quartiles; `slices` how many counted.
    """

    radius_mm: float
    spread_mm: float
    slices: int


def measure_radii(
    annotation: Annotation, image: Image, settings: RadiusMeasurementSettings
) -> dict[Root, MeasuredRadius]:
    """The radius of each root that can be measured on enough slices.

    A root's cross-section is what is missing of the fluid's signal around its point, over the contrast of fluid to
    root: the sum does not change with the blur of the image, as a diameter at half maximum does.
    Places nearer to another root, to the cord or to the dura are left out.

    Raises
    ------
    GeometryError
        without contours of cord and dura, beside which a root cannot be told from them.
    """
    planes = annotation.require_planes()
    if not (annotation.cord and annotation.dura):
        raise GeometryError("the radius of roots can be measured only where dura and cord are annotated")
    marked = {root: annotation.root_by_slice(root) for root in sorted(annotation.roots)}
    tissue = _tissue_signal(image, np.concatenate([list(points.values()) for points in marked.values()]), settings)
    walls = [annotation.contours_by_slice(structure) for structure in (DURA, CORD)]
    areas: dict[Root, list[float]] = {root: [] for root in marked}
    for number in sorted({number for points in marked.values() for number in points}):
        curves = [planes.flatten(closed_curve(each[number].points, 4)) for each in walls if number in each]
        present = {root: planes.flatten(points[number])[0] for root, points in marked.items() if number in points}
        for root, place in present.items():
            others = np.array([far for other, far in present.items() if other != root]).reshape(-1, 2)
            area = _cross_section(image, planes, number, place, others, curves, tissue, settings)
            if area is not None and area > 0:
                areas[root].append(area)
    return {root: _measured(found, settings) for root, found in areas.items() if len(found) >= settings.fewest_slices}


def _measured(areas: list[float], settings: RadiusMeasurementSettings) -> MeasuredRadius:
    low, middle, high = np.percentile(np.sqrt(np.array(areas) / np.pi), [25, 50, 75])
    return MeasuredRadius(float(np.clip(middle, *settings.range_mm)), float(high - low) / 2, len(areas))


def _cross_section(
    image: Image,
    planes: SlicePlanes,
    number: int,
    place: NDArray[np.float64],
    others: NDArray[np.float64],
    walls: list[NDArray[np.float64]],
    tissue: float,
    settings: RadiusMeasurementSettings,
) -> float | None:
    """Area of the root at an in-plane place, (2,), on one slice, mm2; None where too little around it is its own."""
    offsets, area = _disc(settings)
    flat = place + offsets
    away = np.linalg.norm(offsets, axis=1)
    own = np.all(np.linalg.norm(flat[:, None] - others, axis=2) > away[:, None] + settings.apart_mm, axis=1)
    for curve in walls:
        own &= distance_to_polygon(curve, flat) > settings.wall_mm
    signal = _sampled(image, planes.lift(flat, number))
    ring = own & (away > settings.root_mm)
    inner = away <= settings.root_mm
    enough_ring = ring.sum() >= settings.least_ring * (away > settings.root_mm).sum()
    if not enough_ring or (own & inner).sum() < settings.least_dot * inner.sum():
        return None
    fluid = float(np.percentile(signal[ring], settings.fluid_percentile))
    if fluid <= tissue:
        return None
    return float(np.sum(fluid - signal[inner]) * area / (fluid - tissue))


def _disc(settings: RadiusMeasurementSettings) -> tuple[NDArray[np.float64], float]:
    """In-plane offsets, (n, 2), over a disc, and the area that each stands for."""
    reach, step = settings.ring_mm, settings.step_mm
    line = np.arange(-reach, reach + step / 2, step)
    grid = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    return grid[np.linalg.norm(grid, axis=1) <= reach], step**2


def _sampled(image: Image, points: Points) -> NDArray[np.float64]:
    return np.asarray(map_coordinates(image.voxels, image.index_of(points).T, order=1, mode="nearest", output=float))


def _tissue_signal(image: Image, points: Points, settings: RadiusMeasurementSettings) -> float:
    """Signal of nervous tissue: of the darker ones of the places where roots were marked."""
    return float(np.percentile(_sampled(image, points), settings.tissue_percentile))
