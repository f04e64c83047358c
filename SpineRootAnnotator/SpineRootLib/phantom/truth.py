"""The true annotation of a phantom: where its exact geometry meets the slices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import arc_length
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.phantom.settings import PhantomSettings, ScanSettings
from SpineRootLib.phantom.spine import Spine, build_spine
from SpineRootLib.phantom.tube import Tube
from SpineRootLib.planes import SlicePlanes

Array = NDArray[np.float64]

# mm of outline from one control point to the next, as people place them, and the fewest of a contour.
_CONTROL_STEP_MM = {DURA: 2.1, CORD: 1.5}
_FEWEST_POINTS = 9
# How far a control point lies from its even place, relative to the step; the curve through them stays on the outline.
_UNEVEN = 0.05
# A root is marked while its axis lies at least this far inside the wall, mm.
_INSIDE_MM = 0.3


@dataclass(frozen=True, eq=False)
class Truth:
    """A phantom before its images are made.

    Parameters
    ----------
    annotation : what a perfect annotator would mark.
    spine : the exact geometry.
    affine, shape : of the CISS image; (4, 4) voxel index to RAS mm, and voxels along its axes.
    """

    annotation: Annotation
    spine: Spine
    affine: Array
    shape: tuple[int, int, int]

    @property
    def planes(self) -> SlicePlanes:
        """The CISS slices."""
        return self.annotation.require_planes()


def make_truth(settings: PhantomSettings, seed: int, subject: str = "01") -> Truth:
    """The geometry and the true annotation of a phantom, without images.

    Parameters
    ----------
    settings : of the scan and the anatomy.
    seed : the same seed gives the same phantom, bit for bit.
    subject : label of the subject.

    Raises
    ------
    SpineRootError
        if a level is asked for that the phantom does not have.
    """
    affine = scan_affine(settings.scan)
    planes = SlicePlanes.from_affine(affine, settings.scan.shape)
    half_stack = (settings.scan.shape[2] - 1) / 2 * settings.scan.voxel_mm[2]
    spine = build_spine(settings.anatomy, settings.scan.centre_ras[2] + half_stack, seed)
    unknown = [segment for segment in settings.anatomy.segments if segment not in spine.levels]
    if unknown:
        raise SpineRootError(f"the phantom has no level {unknown[0]}; it has {' '.join(spine.levels)}")
    annotation = Annotation(subject, planes=planes, segments=settings.anatomy.segments)
    rng = np.random.default_rng([seed, 3])
    for number in range(1, planes.count + 1):
        for structure, tube in ((DURA, spine.sac), (CORD, spine.cord)):
            points = _control_points(tube, planes, number, _CONTROL_STEP_MM[structure], rng)
            if points is not None:
                annotation.contours[structure].append(Contour(points))
    for root in annotation.expected_roots():
        points = _root_points(spine, root, planes)
        if len(points):
            annotation.roots[root] = points
        annotation.ganglia[root] = spine.ganglia[root]
    shape = settings.scan.shape
    if settings.scan.crop_to_sac:
        affine, shape = _cropped(affine, shape, annotation, settings.scan.crop_margin_mm)
    return Truth(annotation, spine, affine, shape)


def scan_affine(scan: ScanSettings) -> Array:
    """Voxel index to RAS mm, (4, 4), of the whole field of view."""
    tilt, roll = np.radians([scan.tilt_degrees, scan.roll_degrees])
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    turn = np.array([[np.cos(roll), 0, np.sin(roll)], [0, 1, 0], [-np.sin(roll), 0, np.cos(roll)]]) @ turn
    affine = np.eye(4)
    affine[:3, :3] = turn * np.asarray(scan.voxel_mm)
    affine[:3, 3] = scan.centre_ras - affine[:3, :3] @ ((np.asarray(scan.shape) - 1) / 2)
    return affine


def _control_points(
    tube: Tube, planes: SlicePlanes, number: int, step: float, rng: np.random.Generator
) -> Points | None:
    """Control points on the outline, unevenly spaced as by hand, (n, 3); None where the slice misses it."""
    start, spread, more = rng.random(), rng.uniform(-_UNEVEN, _UNEVEN, 64), int(rng.integers(-2, 3))
    even = tube.outline(planes, number, np.arange(0, 2 * np.pi, np.pi / 60))
    if even is None:
        return None
    travelled = arc_length(even, closed=True)
    length = float(travelled[-1])
    count = int(np.clip(round(length / step) + more, _FEWEST_POINTS, len(spread)))
    wanted = (start + (np.arange(count) + spread[:count]) / count) % 1.0 * length
    angles = np.interp(wanted, travelled, np.arange(len(even) + 1) * np.pi / 60)
    return tube.outline(planes, number, angles)


def _root_points(spine: Spine, root: Root, planes: SlicePlanes) -> Points:
    """Where the root crosses the slices while inside the sac, (n, 3), cranial to caudal."""
    depth = spine.roots[root].depth_on(planes, np.arange(1, planes.count + 1))
    points = spine.roots[root].ras(depth[np.isfinite(depth)])
    return points[spine.sac.distance(*spine.frame.from_ras(points)) < -_INSIDE_MM] if len(points) else points


def _cropped(
    affine: Array, shape: tuple[int, int, int], annotation: Annotation, margin: float
) -> tuple[Array, tuple[int, int, int]]:
    """The grid cut in-plane to the rectangle that holds the sac on every slice."""
    outline = np.concatenate([contour.points for contour in annotation.dura])
    inverse = np.linalg.inv(affine)
    index = outline @ inverse[:3, :3].T + inverse[:3, 3]
    beyond = margin / np.linalg.norm(affine[:3, :2], axis=0)
    low = np.maximum(np.floor(index[:, :2].min(axis=0) - beyond), 0).astype(int)
    high = np.minimum(np.ceil(index[:, :2].max(axis=0) + beyond), np.array(shape[:2]) - 1).astype(int)
    moved = affine.copy()
    moved[:3, 3] += affine[:3, :2] @ low
    width, height = (high - low + 1).tolist()
    return moved, (width, height, shape[2])
