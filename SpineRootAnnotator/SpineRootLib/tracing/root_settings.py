"""What is tuned in tracing roots, all lengths in mm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpotSettings:
    """What counts as the dark spot of a root on a slice.

    Parameters
    ----------
    radii_mm : radii of the discs looked for; roots are 0.8-1.4 mm thick.
    least_response : the blob response (part of the fluid's level) below which nothing is a spot.
    above_noise : and so many standard deviations of the noise.
    least_contrast : depth that a spot needs for a click to snap to it, part of the fluid's level.
    least_fluid : share of the ring around a root that must be fluid.
    snap_mm : a click is moved to the centre of a spot within this distance.
    apart_mm : two spots nearer than this are one; the closest root points of sub-03 lie 0.84 mm apart.
    """

    radii_mm: tuple[float, ...] = (0.35, 0.5, 0.7)
    least_response: float = 0.06
    above_noise: float = 2.5
    least_contrast: float = 0.18
    least_fluid: float = 0.25
    snap_mm: float = 1.2
    apart_mm: float = 0.5


@dataclass(frozen=True)
class PathSettings:
    """What the course of a root may be. Prices are in units of half a squared standard deviation.

    Parameters
    ----------
    slope : standard deviation of the sideways motion, mm per mm along the slices' normal (sub-03: 0.13).
    bend : standard deviation of the change of slope from slice to slice, mm per mm, measuring error included.
    strongest_slope : a root moves sideways at most so many mm per mm; the steepest step of sub-03 is 0.45.
    reach_growth : part of that for each slice passed over.
    hidden_cost : the price of a slice without a spot.
    end_cost : the price of each slice to which a root followed beyond its confirmed points does not reach.
    onward_limit : there its sideways motion costs at most as much: it goes on as it went, and may be steep.
    most_hidden : so many slices in a row may be without a spot.
    usual_contrast, contrast_deviation : depth of a root's spot, part of the fluid's level, and its standard deviation,
        part of that; a fainter one is dearer.
    fewest_known : from so many confirmed points on, the usual contrast is measured at these.
    usual_roundness, roundness_deviation : the same of its roundness.
    wall_mm, wall_deviation_mm : centres of roots stay so far inside of the dura (and outside of the cord); the price of
        being nearer goes with the square of the distance over the deviation.
    outside_mm : a spot so far outside of the dura, or inside of the cord, is none.
    share_cost : the highest price of a spot that several roots want.
    taken_cost : what a spot of another root costs when the certainty of a course is judged.
    own_mm : a spot nearer than this to a confirmed point belongs to that root.
    wrong_mm : a course farther away than this is another course.
    largest_margin : certainty beyond this price is not told apart.
    next_gain, next_offset : of the logistic that turns the margin of a spot on the next slice into its confidence.
    next_mm : standard deviation of where the root is expected on the next slice, measuring error alone.
    course_mm, course_deviations : a click farther than both from where its root is expected is on another root.
    farthest_mm : with an expectation looser than this, nothing is proposed.
    stop_confidence : a root is followed from one end until its confidence falls below this.
    most_turns, most_answers : of the assignment by prices, and of its improvement root by root.
    price_step, price_turns, price_fall : by how much the price of a contested spot rises in the first turn, after how
        many turns it rises by half as much, and how fast that of an unused one falls, part of the rise.
    measured_mm, course_bend_mm : standard deviations of a spot's measured centre, and of the second difference of a
        root's course from slice to slice, for the last smoothing.
    """

    slope: float = 0.15
    bend: float = 0.13
    strongest_slope: float = 0.6
    reach_growth: float = 0.6
    hidden_cost: float = 6.0
    end_cost: float = 3.0
    onward_limit: float = 1.5
    most_hidden: int = 3
    usual_contrast: float = 0.4
    contrast_deviation: float = 0.3
    fewest_known: int = 6
    usual_roundness: float = 0.7
    roundness_deviation: float = 0.3
    wall_mm: float = 0.3
    wall_deviation_mm: float = 0.3
    outside_mm: float = 0.8
    share_cost: float = 8.0
    taken_cost: float = 5.0
    own_mm: float = 0.45
    wrong_mm: float = 0.6
    largest_margin: float = 30.0
    next_gain: float = 0.9
    next_offset: float = -1.0
    next_mm: float = 0.2
    course_mm: float = 1.5
    course_deviations: float = 3.5
    farthest_mm: float = 1.2
    stop_confidence: float = 0.5
    most_turns: int = 25
    most_answers: int = 3
    price_step: float = 1.5
    price_turns: float = 8.0
    price_fall: float = 0.3
    measured_mm: float = 0.10
    course_bend_mm: float = 0.10


@dataclass(frozen=True)
class OrderSettings:
    """How firmly the order of the segments is believed in.

    Parameters
    ----------
    deviation_mm : standard deviation of a root's distance from the posterior midline next to a confirmed point.
    growth_mm : by how much that grows, times the squared number of slices between: far from confirmed points
        interpolation says nothing about the order.
    limit : the highest price of lying on the wrong side of a neighbour, in units of half a squared deviation.
    """

    deviation_mm: float = 0.3
    growth_mm: float = 0.012
    limit: float = 4.0


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
    least_confidence: float = 0.6
    slope_slices: int = 4
    extrapolated: float = 0.5


@dataclass(frozen=True)
class ConfidenceSettings:
    """From a course to the probability that its points are right: a logistic regression of 30,000 points of 60
    phantoms, contrast 2.1-3.4, noise 6-25 %; made a little more doubtful than that, as errors come in whole courses.

    Parameters
    ----------
    offset, gain : logit of a point beside a confirmed one, and per unit of the margin.
    quiet, noise_gain : above this noise, part of the fluid's level, the gain falls by so much per natural logarithm.
    alike, alike_margin : doubt where another course is as cheap, and the margin over which it fades.
    per_slice : doubt per natural logarithm of one more than the slices to the nearest confirmed point.
    seen_slices, unseen : doubt where on none of so many slices around a spot is seen; in proportion.
    moved, moved_mm : doubt where smoothing moves the spot that far; with the square.
    noise : doubt per natural logarithm of the noise above `quiet`.
    most_noise : above this noise confidence falls in proportion, too: whole courses may be wrong then.
    """

    offset: float = 1.2
    gain: float = 0.26
    quiet: float = 0.12
    noise_gain: float = 0.13
    alike: float = 2.5
    alike_margin: float = 1.5
    per_slice: float = 0.5
    seen_slices: int = 15
    unseen: float = 0.8
    moved: float = 1.6
    moved_mm: float = 0.5
    noise: float = 2.4
    most_noise: float = 0.175
