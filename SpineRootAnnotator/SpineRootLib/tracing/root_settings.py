"""What is tuned in tracing roots, all lengths in mm.

Brightness is in parts of the fluid's level, log-likelihoods and shares have no unit. What has no reason beside it
was set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClickSettings:
    """What becomes of a click for a root.

    Parameters
    ----------
    pull_mm : in a crowd a click is moved at most so far, to a dot that is clearly meant.
    clearly_mm : a dot is clearly meant where the next one is so much farther from the click.
    alone_mm, alone_pull_mm : a dot without another so near is alone, and a click is moved to it from so far.
    fluid : from this brightness on, part of the fluid's level, a place without a dot is fluid.
    brighter : a place so much brighter than its surround is a bright root: the contrast is inverted.
    outside_mm : a click so far outside of a known dura is refused; farther than `dry_mm` from all fluid, too: no root
        of phantoms lies more than 3.5 mm from fluid.
    own_mm : nearer than this to another root's mark is that root; closest marks of sub-03: 0.84 mm.
    course_mm, course_deviations : a click farther than both from where its root is expected is on another root.
    sure, unsure : confidence of a click on a dot, and in a mass.
    """

    pull_mm: float = 0.35
    clearly_mm: float = 0.3
    alone_mm: float = 1.8
    alone_pull_mm: float = 0.9
    fluid: float = 0.8
    brighter: float = 0.3
    outside_mm: float = 1.0
    dry_mm: float = 5.0
    own_mm: float = 0.45
    course_mm: float = 1.5
    course_deviations: float = 3.5
    sure: float = 0.95
    unsure: float = 0.6


@dataclass(frozen=True)
class OnwardSettings:
    """How far roots are followed beyond their marks.

    Parameters
    ----------
    farthest : slices that are tried on each side.
    least_confidence : a root is followed until its confidence falls below this.
    unguided : upwards at most so many slices where no cord is known at which it would end, or along it: beyond its
        origin on the cord a root is followed onto another structure. Farther up the confidence is no more than
        `least_confidence`.
    per_slice : confidence falls by this factor from slice to slice beyond the last mark.
    nearest : a single point is proposed at most so many slices from the nearest mark.
    outside_mm : so far outside of a known dura it has left.
    """

    farthest: int = 8
    least_confidence: float = 0.5
    unguided: int = 3
    per_slice: float = 0.97
    nearest: int = 5
    outside_mm: float = 0.5


@dataclass(frozen=True)
class EndSettings:
    """Where roots begin and end; measured on the 14 roots of sub-03 unless said otherwise.

    Parameters
    ----------
    above_ganglion_mm : a root leaves the dura so far above its ganglion (6.3-9.4 mm).
    tolerance_slices : an end that much off costs nothing (pairs begin and end at most one slice apart).
    on_cord_mm : a root's centre lies so far from the cord where it detaches (median 0.36 mm).
    away_mm : a course that upwards gains so much distance from the cord again is no longer the root's.
    free_mm : farther than this it has already been detached for a while.
    most_touching, most_near : slices on which a root lies nearer to the cord than `on_cord_mm` (0-3) and `free_mm`
        (0-5, but 9 of L1_L) below its detachment, at most; what goes on along the cord is another structure.
    inside_mm : no root runs deeper inside of the cord (0.26).
    least_confidence : upwards a root is followed no farther than a point of less.
    slope_slices : of so many slices the approach to the cord is extrapolated, and over at most so many.
    extrapolated : confidence of a start or end that is not seen.
    """

    above_ganglion_mm: float = 8.6
    tolerance_slices: int = 1
    on_cord_mm: float = 0.4
    away_mm: float = 0.4
    free_mm: float = 0.75
    most_touching: int = 3
    most_near: int = 6
    inside_mm: float = 0.3
    least_confidence: float = 0.72
    slope_slices: int = 4
    extrapolated: float = 0.5
