"""The stack of image slices on which an annotation was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points, as_points

_SUPERIOR = np.array([0.0, 0.0, 1.0])
# A contour flatter than this is on one plane; real files deviate by rounding only (1e-4 mm).
_FLATNESS_LIMIT_MM = 0.2
# NIfTI-1 holds no more along an axis.
_MOST_VOXELS = 32767
# A step so many times as large as both others lies across slices, whichever way these stand: sagittal T2-TSE has 5
# times, axial CISS 5 times, isotropic and interpolated images at most 1.35 times.
_THICK = 1.5
# Volume of a voxel over that of a box with its edges; below it two axes are as good as parallel.
_FLAT = 0.05
# Between planes nearer than this lies no slice: the thinnest CISS in use has 0.6 mm.
_CLOSEST_PLANES_MM = 0.3


@dataclass(frozen=True, eq=False)
class SlicePlanes:
    """Parallel, equally spaced planes, numbered from 1 at the most cranial one.

    Parameters
    ----------
    origin : (3,) a point on slice 1, RAS mm.
    right, anterior, down : (3,) orthonormal; the in-plane axes nearest to the subject's right and front, and the
        normal towards the feet.
    spacing : mm between planes.
    count : number of slices.
    """

    origin: NDArray[np.float64]
    right: NDArray[np.float64]
    anterior: NDArray[np.float64]
    down: NDArray[np.float64]
    spacing: float
    count: int

    @classmethod
    def from_normal(cls, origin: ArrayLike, normal: ArrayLike, spacing: float, count: int) -> SlicePlanes:
        """Planes from a point on slice 1 and a normal of either sign.

        Raises
        ------
        GeometryError
            if the normal is horizontal, so that no slice is the most cranial one, or the spacing is not positive.
        """
        down = np.asarray(normal, dtype=np.float64)
        down = down / np.linalg.norm(down)
        if abs(down[2]) < 0.05:
            raise GeometryError("the slices stand upright, so that none of them is the most cranial one")
        if not spacing > 0:
            raise GeometryError("the distance between slices is not positive")
        down = -down * np.sign(down[2])
        right = np.array([1.0, 0.0, 0.0])
        right = right - (right @ down) * down
        right /= np.linalg.norm(right)
        return cls(np.asarray(origin, np.float64), right, np.cross(right, down), down, float(spacing), int(count))

    @classmethod
    def from_affine(cls, affine: ArrayLike, shape: Sequence[int]) -> SlicePlanes:
        """Planes of an image, across its `slice_axis`.

        Parameters
        ----------
        affine : (4, 4) voxel index to RAS mm.
        shape : voxels along the three axes.
        """
        matrix = np.asarray(affine, dtype=np.float64)
        axis = slice_axis(matrix)
        first, second = (matrix[:3, other] for other in range(3) if other != axis)
        normal = np.cross(first, second)
        normal /= np.linalg.norm(normal)
        spacing = float(abs(matrix[:3, axis] @ normal))
        corner = np.zeros(3)
        planes = cls.from_normal(matrix[:3, 3], normal, spacing, int(shape[axis]))
        if matrix[:3, axis] @ planes.down < 0:
            corner[axis] = shape[axis] - 1
        return cls.from_normal(matrix[:3, :3] @ corner + matrix[:3, 3], normal, spacing, int(shape[axis]))

    @classmethod
    def from_contours(cls, contours: Iterable[ArrayLike]) -> SlicePlanes:
        """Planes from the contours drawn on them; missing slices leave gaps in the numbering.

        Parameters
        ----------
        contours : closed curves, each (n, 3) RAS mm on one plane.

        Raises
        ------
        GeometryError
            if there are fewer than two planes, contours are not flat, or no common spacing fits.
        """
        curves = [as_points(contour) for contour in contours]
        # sums depend on their order in the last bit; the planes shall not depend on that of files and points
        curves = sorted((curve[np.lexsort(curve.T)] for curve in curves), key=lambda curve: curve.tolist())
        if len(curves) < 2:
            raise GeometryError("slice planes cannot be found from fewer than two contours: give the CISS image")
        normal = _common_normal(curves)
        centres = np.array([curve.mean(axis=0) for curve in curves])
        down = -normal * np.sign(normal[2])
        depths = np.array([np.mean(curve @ down) for curve in curves])
        start, spacing, last = _fit_stack(depths)
        top = centres[int(np.argmin(depths))]
        origin = top + (start - top @ down) * down
        return cls.from_normal(origin, normal, spacing, last + 1)

    @classmethod
    def from_roots(cls, roots: Iterable[ArrayLike]) -> SlicePlanes:
        """Planes from traced roots alone, one point on each slice that a root crosses.

        From point to point a root goes down by a whole number of slices, nearly always one; the normal that makes it
        so for all roots is found by least squares.

        Parameters
        ----------
        roots : the points of each root, (n, 3) RAS mm, in any order.

        Raises
        ------
        GeometryError
            if the points do not lie on equally spaced planes, or are too few to tell.
        """
        lines = [points[np.argsort(-points[:, 2])] for points in map(as_points, roots) if len(points) > 1]
        steps = np.concatenate([np.empty((0, 3)), *(np.diff(line, axis=0) for line in lines)])
        if len(steps) < 3:
            raise GeometryError("slice planes cannot be found from so few root points: give the CISS image")
        gradient = _slices_per_mm(steps)
        points = np.concatenate(lines)
        number = points @ gradient
        turn = np.exp(2j * np.pi * number).mean()
        number = np.round(number - np.angle(turn) / (2 * np.pi))
        fit, *_ = np.linalg.lstsq(np.column_stack([points, np.ones(len(points))]), number, rcond=None)
        spacing = 1.0 / float(np.linalg.norm(fit[:3]))
        if np.abs(points @ fit[:3] + fit[3] - number).max() * spacing > _FLATNESS_LIMIT_MM:
            raise GeometryError("the root points do not lie on equally spaced slices: give the CISS image")
        top = points[int(np.argmin(number))]
        origin = top + (number.min() - top @ fit[:3] - fit[3]) * spacing**2 * fit[:3]
        return cls.from_normal(origin, fit[:3], spacing, int(np.ptp(number)) + 1)

    @classmethod
    def from_json(cls, image: dict[str, Any]) -> SlicePlanes:
        """Planes of an image as the annotation sidecar records it (``Affine``, ``Shape``)."""
        shape = [int(count) for count in image["Shape"]]
        if len(shape) != 3 or not all(1 <= count <= _MOST_VOXELS for count in shape):
            raise GeometryError(f"no image has the recorded shape {shape}")
        return cls.from_affine(image["Affine"], shape)

    def depth(self, points: ArrayLike) -> NDArray[np.float64]:
        """Millimetres below slice 1 along the normal, (n,)."""
        return (as_points(points) - self.origin) @ self.down

    def number(self, points: ArrayLike) -> NDArray[np.int64]:
        """The nearest slice of each point, (n,), 1-based; below 1 or above `count` for points beyond the stack."""
        return np.floor(self.depth(points) / self.spacing + 0.5).astype(np.int64) + 1

    def off_plane(self, points: ArrayLike) -> NDArray[np.float64]:
        """Signed distance of each point from its nearest plane, (n,) mm, towards the feet positive."""
        return self.depth(points) - (self.number(points) - 1) * self.spacing

    def number_of_contour(self, contour: ArrayLike) -> int:
        """The slice on which a contour, (n, 3), was drawn."""
        return int(self.number(as_points(contour).mean(axis=0))[0])

    def flatten(self, points: ArrayLike) -> NDArray[np.float64]:
        """In-plane coordinates of points, (n, 2): mm to the right and to the front of slice 1's origin."""
        relative = as_points(points) - self.origin
        return np.column_stack([relative @ self.right, relative @ self.anterior])

    def lift(self, flat: ArrayLike, number: ArrayLike) -> Points:
        """Points on slices from in-plane coordinates, the inverse of `flatten` on the plane.

        Parameters
        ----------
        flat : (n, 2) mm.
        number : one slice number or (n,); fractions lie between slices.
        """
        coordinates = np.asarray(flat, dtype=np.float64).reshape(-1, 2)
        depth = (np.broadcast_to(np.asarray(number, np.float64), len(coordinates)) - 1.0) * self.spacing
        axes = np.stack([self.right, self.anterior, self.down])
        return self.origin + np.column_stack([coordinates, depth]) @ axes

    def agrees_with(self, other: SlicePlanes, tolerance_mm: float = 0.2) -> bool:
        """Whether slices of the same number lie on the same plane, to the tolerance, over 150 mm of their extent."""
        across = np.array([[-75.0, -75.0], [75.0, -75.0], [-75.0, 75.0], [75.0, 75.0]])
        ends = [self.lift(across, number) for number in (1, self.count)]
        expected = [0.0, (self.count - 1) * other.spacing]
        gaps = [np.abs(other.depth(end) - depth) for end, depth in zip(ends, expected, strict=True)]
        return bool(np.max(gaps) <= tolerance_mm)


def _slices_per_mm(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vector, (3,), along which every step, (n, 3), goes on by a whole number of slices."""
    # where the steps do not tell the tilt, the slices lie level
    level = np.array([0.0, 0.0, 1.0 / np.median(steps[:, 2])])
    weak = 1e-3 * np.eye(3) * np.linalg.norm(steps)
    count = np.ones(len(steps))
    for _ in range(10):
        gradient, *_ = np.linalg.lstsq(np.vstack([steps, weak]), np.concatenate([count, weak @ level]), rcond=None)
        count = np.round(steps @ gradient)
    return np.asarray(gradient)


def slice_axis(affine: ArrayLike) -> int:
    """The voxel axis across an image's slices: the one nearest to the head-foot axis.

    An image of thick slices that stand upright is told by its steps: one of them is far larger than the two others.

    Parameters
    ----------
    affine : (4, 4) voxel index to RAS mm.

    Raises
    ------
    GeometryError
        if the affine is not invertible.
    """
    matrix = np.asarray(affine, dtype=np.float64)
    steps = np.linalg.norm(matrix[:3, :3], axis=0)
    if not np.all(np.isfinite(matrix)) or np.any(steps == 0) or abs(np.linalg.det(matrix[:3, :3] / steps)) < _FLAT:
        raise GeometryError("the image's affine is not invertible")
    upright = int(np.argmax(np.abs(matrix[2, :3]) / steps))
    thick = int(np.argmax(steps))
    others = np.delete(steps, thick)
    return thick if steps[thick] > _THICK * others.max() else upright


def _common_normal(curves: Sequence[Points]) -> NDArray[np.float64]:
    """The direction in which centred contours, pooled, extend least."""
    pooled = np.concatenate([curve - curve.mean(axis=0) for curve in curves])
    _, extents, axes = np.linalg.svd(pooled, full_matrices=False)
    if len(extents) < 3 or extents[1] < 1e-6 * max(extents[0], 1e-9):
        raise GeometryError("the contours lie on a line, so that no slice plane can be found from them")
    normal: NDArray[np.float64] = axes[2]
    worst = max(float(np.ptp(curve @ normal)) for curve in curves)
    if worst > 2 * _FLATNESS_LIMIT_MM:
        raise GeometryError(f"contours are not flat or not parallel (off by {worst:.2f} mm): give the CISS image")
    return normal if normal @ _SUPERIOR >= 0 else -normal


def _fit_stack(depths: NDArray[np.float64]) -> tuple[float, float, int]:
    """Depth of the first plane, spacing and index of the last for contours at `depths`, several of them a plane."""
    ordered = np.sort(depths)
    steps = np.diff(ordered)
    apart = steps[steps > _CLOSEST_PLANES_MM]
    if apart.size == 0:
        raise GeometryError("all contours lie on one slice, so that the slice distance cannot be found from them")
    spacing = float(np.median(apart[apart < 1.5 * apart.min()]))
    index = np.concatenate([[0], np.cumsum(np.round(steps / spacing))]).astype(int)
    spacing, start = np.polyfit(index, ordered, 1)
    if np.max(np.abs(start + spacing * index - ordered)) > max(_FLATNESS_LIMIT_MM, 0.25 * spacing):
        raise GeometryError("the contours are not equally spaced: give the CISS image")
    return float(start), float(spacing), int(index[-1])
