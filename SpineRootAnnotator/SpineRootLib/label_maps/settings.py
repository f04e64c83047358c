"""What is tuned where label maps are read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OutlineSettings:
    """How the edge of a mask becomes a curve with few control points.

    Parameters
    ----------
    smoothing_voxels : standard deviations of the blur that takes the steps of the voxels off the edge, tried one after
        the other until the curve keeps to it; ellipses of 0.3 mm voxels come back by 0.03 mm in the mean.
    off_edge_voxels, off_edge_mm : a curve leaves the edge between the voxels by no more than the larger of both: even
        the true outline of fine voxels is half a voxel off their edges, and annotators differ by more than 0.2 mm.
    tolerance_mm, tolerance_voxels : a curve leaves the smoothed edge by no more than the larger of both: what is less
        than a quarter of a voxel is noise of the steps, and would cost twice as many points.
    fewest_points, most_points : of the curve.
    least_voxels : a smaller patch is no cross-section; by eye.
    course_slope : from slice to slice a contour's middle goes aside by no more than its radius, and so much more a mm
        of depth; what does is an island beyond the structure's end. By eye.
    """

    smoothing_voxels: tuple[float, ...] = (2.0, 1.5, 1.0, 0.6, 0.0)
    off_edge_voxels: float = 0.5
    off_edge_mm: float = 0.2
    tolerance_mm: float = 0.05
    tolerance_voxels: float = 0.25
    fewest_points: int = 8
    most_points: int = 48
    least_voxels: int = 9
    course_slope: float = 0.5


@dataclass(frozen=True)
class CourseSettings:
    """How patches of a root on neighbouring sections are joined.

    Parameters
    ----------
    aside_mm, aside_slope : from section to section a root goes aside by so much, and so much more a mm of depth; roots
        that leave the sac reach 1.2 mm a mm.
    gap_mm : over so much without a patch it is still one root.
    away_cost : of a mm aside, beside a patch that counts 1 if it is the largest of its section; by eye.
    merged, across_mm : a patch so many times as large as is usual that reaches so far over the midline on both sides
        holds two roots.
    swollen, through_mm : a patch so many times as large as is usual of its root holds a second one whose line leads
        through it, or past it so closely; a root twice as large is two, and masks swell by a third.
    midline_mm : a course that keeps nearer to the midline has no side.
    least_share : a patch at a root's end of less than this share of the usual size is the cap of a tube; by eye.
    beyond_steps : so far beyond a section, in steps of sections, a slice still takes its point.
    """

    aside_mm: float = 1.0
    aside_slope: float = 1.2
    gap_mm: float = 12.0
    away_cost: float = 0.1
    merged: float = 1.25
    across_mm: float = 0.3
    swollen: float = 1.5
    through_mm: float = 0.3
    midline_mm: float = 0.3
    least_share: float = 0.3
    beyond_steps: float = 0.25


@dataclass(frozen=True)
class LabelReadingSettings:
    """How a label map is read.

    Parameters
    ----------
    parallel_degrees : slices of label map and image that differ by less are taken as parallel: 0.05 mm over 60 mm.
    on_plane : so near, as a share of the distance of slices, a label map's slice lies on one of the image.
    """

    outline: OutlineSettings = field(default_factory=OutlineSettings)
    course: CourseSettings = field(default_factory=CourseSettings)
    parallel_degrees: float = 0.05
    on_plane: float = 0.02
