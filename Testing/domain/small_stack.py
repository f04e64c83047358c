"""A dozen slices of a sac with a cord and straight roots whose places are known exactly; the tracer's first proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes

RADIUS_MM = 0.5
INNER = {DURA: (0.0, -4.0), CORD: (0.5, 1.0)}
SAC_MM = (8.0, 6.0)
CORD_MM = (3.5, 2.8)
CORD_CENTRE = (0.0, 1.0)
FLUID, DARK, GREY, OUTSIDE = 900.0, 250.0, 400.0, 120.0


@dataclass(frozen=True)
class SmallStack:
    """An image, and where its roots are on each slice."""

    image: Image
    truth: Annotation

    @property
    def planes(self) -> SlicePlanes:
        """The slices."""
        return self.truth.require_planes()


def small_stack(
    slices: int = 12, noise: float = 0.0, tilt_degrees: float = 8.0, voxel_mm: float = 0.3, seed: int = 0
) -> SmallStack:
    """Four roots beside the cord that run outwards a little, on slices tilted about the left-right axis."""
    size = int(round(36 / voxel_mm))
    image = Image(np.zeros((size, size, slices), np.int16), _affine(size, voxel_mm, tilt_degrees))
    planes = image.planes()
    truth = Annotation("00", planes=planes, segments=("L1", "L2"))
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    random = np.random.default_rng(seed)
    middle = planes.flatten(image.ras_of([[size / 2, size / 2, 0]]))[0]
    for number in range(1, slices + 1):
        index = slices - number
        places = planes.flatten(image.ras_of(np.column_stack([grid, np.full(len(grid), index)]))) - middle
        level = _ellipse(places, (0, 0), SAC_MM, OUTSIDE, FLUID, voxel_mm)
        level = _ellipse(places, CORD_CENTRE, CORD_MM, level, GREY, voxel_mm)
        for root, centre in _root_centres(number).items():
            level = _ellipse(places, centre, (RADIUS_MM, RADIUS_MM), level, DARK, voxel_mm)
            truth.set_root_point(root, number, planes.lift(middle + centre, number))
        noisy = np.hypot(
            level + random.normal(0, noise * FLUID, len(level)), random.normal(0, noise * FLUID, len(level))
        )
        image.voxels[:, :, index] = np.round(noisy).reshape(size, size)
        for structure, centre, axes in ((DURA, (0, 0), SAC_MM), (CORD, CORD_CENTRE, CORD_MM)):
            turn = 2 * np.pi * np.arange(16)[:, None] / 16
            outline = np.asarray(centre) + np.hstack([np.cos(turn), np.sin(turn)]) * axes
            truth.set_contour(structure, number, planes.lift(middle + outline, number))
    for root in truth.roots:
        sign = -1 if root.side == "L" else 1
        truth.set_ganglion(root, planes.lift(middle + (25 * sign, 0), slices + 8)[0])
    return SmallStack(image, truth)


def ends_of(stack: SmallStack, *roots: Root) -> Annotation:
    """Only the first and last point of each root."""
    sparse = Annotation("00", planes=stack.planes, segments=("L1", "L2"))
    for root in roots or tuple(stack.truth.roots):
        points = stack.truth.root_by_slice(root)
        for number in (min(points), max(points)):
            sparse.set_root_point(root, number, points[number])
    return sparse


def inner_point(stack: SmallStack, structure: str, number: int) -> np.ndarray:
    """A place inside of dura (beside the cord) or cord on a slice, (3,) RAS mm."""
    middle = stack.planes.flatten(stack.truth.contours_by_slice(DURA)[number].points).mean(axis=0)
    return stack.planes.lift(middle + INNER[structure], number)[0]


def _root_centres(number: int) -> dict[Root, np.ndarray]:
    out = 0.15 * (number - 1)
    return {
        Root(segment, side): np.array([sign * (start + out), front])
        for segment, start, front in (("L1", 4.6, -1.2), ("L2", 3.3, -2.6))
        for side, sign in (("L", -1), ("R", 1))
    }


def _affine(size: int, voxel_mm: float, tilt_degrees: float) -> np.ndarray:
    turn = np.radians(tilt_degrees)
    affine = np.eye(4)
    affine[:3, 0] = (-voxel_mm, 0, 0)
    affine[:3, 1] = np.array([0, np.cos(turn), np.sin(turn)]) * voxel_mm
    affine[:3, 2] = np.array([0, -np.sin(turn), np.cos(turn)]) * 2.0
    affine[:3, 3] = (size * voxel_mm / 2 - 5.0, -50.0, -450.0)
    return affine


def _ellipse(places, centre, axes, outside, inside, voxel_mm):
    away = (places - np.asarray(centre)) / np.asarray(axes)
    length = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
    distance = (1 - length) * np.linalg.norm(places - np.asarray(centre), axis=1) / length
    share = np.clip(0.5 + distance / voxel_mm, 0, 1)
    return outside + (inside - outside) * share
