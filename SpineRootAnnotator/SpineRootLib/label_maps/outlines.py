"""The patch of a section as a closed curve: cleaned of what masks come with, smoothed by no more than they allow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.control_points import reduce_points
from SpineRootLib.curves import closed_curve, nearest_on_segments, signed_area
from SpineRootLib.label_maps.sections import Lattice, Mask
from SpineRootLib.label_maps.settings import OutlineSettings

Flat = NDArray[np.float64]
_EIGHT = np.ones((3, 3), dtype=bool)
_HALF = 0.5
_PADDING = 6  # pixels around a patch: four times the widest blur


@dataclass(frozen=True, eq=False)
class Patch:
    """A patch without holes.

    Parameters
    ----------
    mask : its pixels.
    left_out : how many pixels of the section hang on it by a bridge of one pixel, or lie apart.
    """

    mask: Mask
    left_out: int


def main_patch(mask: Mask) -> Patch | None:
    """The largest patch of a section, holes filled; what a bridge of a single pixel ties to it is no part of it."""
    filled = ndimage.binary_fill_holes(mask)
    largest = _largest(filled)
    if largest is None:
        return None
    core = _largest(ndimage.binary_opening(largest))
    if core is not None and ndimage.label(ndimage.binary_opening(largest), _EIGHT)[1] > 1:
        largest = ndimage.binary_dilation(core, _EIGHT) & largest
    return Patch(largest, int(filled.sum() - largest.sum()))


def between(first: Mask, second: Mask, share: float) -> Mask:
    """The patch between those of two sections, `share` of the way to the second: signed distances, interpolated."""
    return np.asarray((1.0 - share) * _depth_in(first) + share * _depth_in(second) > 0.0)


def control_points(mask: Mask, lattice: Lattice, settings: OutlineSettings) -> Flat:
    """Control points, (n, 2) mm, of the closed curve along the edge of a patch; counter-clockwise."""
    padded = np.pad(mask, _PADDING).astype(np.float64)
    pitch = lattice.pitch
    edges = [lattice.flat(corners) for corners in _steps(mask)]
    voxel = float(pitch.min())
    allowed = max(settings.off_edge_mm, settings.off_edge_voxels * voxel)
    tolerance = max(settings.tolerance_mm, settings.tolerance_voxels * voxel)
    for voxels in settings.smoothing_voxels:
        line = _in_mm(_smooth_loop(padded, voxels * voxel / pitch), lattice)
        points = reduce_points(line, tolerance, settings.fewest_points, settings.most_points)
        if _away(closed_curve(points), *edges).max() <= allowed:
            break
    return points if signed_area(points) > 0 else points[::-1]


def _steps(mask: Mask) -> tuple[Flat, Flat]:
    """The edges between pixels inside and outside: both their ends, (n, 2) pixels each."""
    padded = np.pad(mask, 1)
    upright = np.argwhere(padded[1:] != padded[:-1]) - [0.5, 1.0]
    level = np.argwhere(padded[:, 1:] != padded[:, :-1]) - [1.0, 0.5]
    middle = np.concatenate([upright, level])
    half = np.concatenate([np.tile([0.0, 0.5], (len(upright), 1)), np.tile([0.5, 0.0], (len(level), 1))])
    return middle - half, middle + half


def _away(points: Flat, start: Flat, end: Flat) -> NDArray[np.float64]:
    """Distance of points from the nearest of some edges, (n,)."""
    _along, away = nearest_on_segments(points[:, None], start, end)
    return np.asarray(np.sqrt(np.einsum("nmd,nmd->nm", away, away).min(axis=1)))


def _smooth_loop(padded: NDArray[np.float64], sigma: NDArray[np.float64]) -> Flat:
    """The line around as many pixels as the patch has, after a blur: what is round does not shrink by it."""
    if not sigma.any():
        return _loop(padded, _HALF)
    blurred = ndimage.gaussian_filter(padded, sigma, truncate=_PADDING / max(float(sigma.max()), 1.0))
    ordered = np.sort(blurred, axis=None)[::-1]
    count = int(padded.sum())
    return _loop(blurred, float(ordered[count - 1] + ordered[count]) / 2.0)


def _loop(field: NDArray[np.float64], level: float) -> Flat:
    """The longest closed line of a level in an image, (n, 2) pixels."""
    # only here: VTK takes a while to import
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges2D, vtkStripper

    image = vtkImageData()
    image.SetDimensions(field.shape[0], field.shape[1], 1)
    values = np.ascontiguousarray(field.ravel(order="F"))
    image.GetPointData().SetScalars(numpy_to_vtk(values))
    edges, lines = vtkFlyingEdges2D(), vtkStripper()
    edges.SetInputData(image)
    edges.SetValue(0, level)
    lines.SetInputConnection(edges.GetOutputPort())
    lines.SetMaximumLength(field.size)
    lines.Update()
    points = vtk_to_numpy(lines.GetOutput().GetPoints().GetData())[:, :2].astype(np.float64)
    found = lines.GetOutput().GetLines()
    ends = vtk_to_numpy(found.GetOffsetsArray())
    order = vtk_to_numpy(found.GetConnectivityArray())
    return max((points[order[first : last - 1]] for first, last in zip(ends[:-1], ends[1:], strict=True)), key=len)


def _in_mm(pixels: Flat, lattice: Lattice) -> Flat:
    return lattice.flat(pixels - _PADDING)


def _largest(mask: Mask) -> Mask | None:
    labelled, count = ndimage.label(mask, _EIGHT)
    if not count:
        return None
    return np.asarray(labelled == 1 + int(np.argmax(np.bincount(labelled.ravel())[1:])))


def _depth_in(mask: Mask) -> NDArray[np.float64]:
    """Distance of each pixel from the edge, in pixels, positive inside."""
    inner, outer = ndimage.distance_transform_edt(mask), ndimage.distance_transform_edt(~mask)
    return np.where(mask, inner - _HALF, _HALF - outer)
