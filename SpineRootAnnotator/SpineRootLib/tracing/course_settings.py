"""What is tuned in tracing the courses of roots, all lengths in mm.

Brightness is in parts of the fluid's level, log-likelihoods and shares have no unit. What has no reason beside it
was set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CoursePriorSettings:
    """How a root runs between its marks; maximum likelihood on the 536 points of the 14 roots of sub-03.

    Parameters
    ----------
    bend : standard deviation of the change of slope over a mm, mm per mm, of the smooth course.
    stray_mm, stray_length_mm : of the straying about it: standard deviation of each coordinate and its length.
    mark_mm : standard deviation of each coordinate of a mark about the course (0.095 in the mean of two annotators).
    """

    bend: float = 0.0041
    stray_mm: float = 0.595
    stray_length_mm: float = 15.6
    mark_mm: float = 0.11


@dataclass(frozen=True)
class DotSettings:
    """What speaks for the middle of a root at a place on a slice.

    Parameters
    ----------
    radius_mm : of the disc that is looked for: less than a bundle's own (0.45-0.6), or those that touch become one.
    broad_mm : of another, which tells broad roots from thin ones.
    least, above_noise : response below which nothing is a dot: part of the fluid's level, and in deviations of noise.
    brightest : no dot is brighter in the middle, part of the fluid's level: thin roots are grey, noise in fluid is not.
    middle_mm : standard deviation of a dot's found middle about the root's (0.08 on phantoms; by eye more on scans).
    unseen : likelihood of a root whose dot is not told apart, against the peak of a dot's (maximum likelihood on three
        phantoms gave 0.03-0.06; a little more, for slices are not independent of each other).
    dark_from, bright_gain, core_mm : fluid is no root: log-likelihood per unit of brightness above that, smoothed with
        that standard deviation (13 on phantoms).
    above_marked : where the marked roots are brighter, fluid is what is so much brighter than they are.
    claim, claim_mm : log-likelihood that another root's middle at the same place takes, and how near that is: the
        closest marks of sub-03 are 0.84 mm apart.
    """

    radius_mm: float = 0.4
    broad_mm: float = 0.65
    least: float = 0.01
    above_noise: float = 2.5
    brightest: float = 0.8
    middle_mm: float = 0.15
    unseen: float = 0.1
    dark_from: float = 0.45
    bright_gain: float = 10.0
    core_mm: float = 0.25
    above_marked: float = 0.08
    claim: float = 3.0
    claim_mm: float = 0.35


@dataclass(frozen=True)
class MotionSettings:
    """How the picture's own motion from slice to slice is measured.

    Parameters
    ----------
    window_mm : standard deviation of the Gaussian window about the root in which two slices are compared.
    reach_mm : half the side of the square that is compared.
    step_mm : of the displacements that are tried; the pictures are sampled at twice that.
    search_mm : largest displacement beside the expected one.
    finer : into so many parts each step is divided by interpolation.
    gain : log-likelihood per unit of the normalised correlation (maximum likelihood on a phantom: 20).
    floor : variation of brightness, part of the fluid's level, below which there is nothing to compare.
    """

    window_mm: float = 1.0
    reach_mm: float = 2.4
    step_mm: float = 0.2
    search_mm: float = 0.8
    finer: int = 3
    gain: float = 18.0
    floor: float = 0.05


@dataclass(frozen=True)
class PosteriorSettings:
    """How the evidence is brought together.

    Parameters
    ----------
    rounds : of expectation propagation; `motion_rounds` before them look at the motion alone, and `last_rounds` at the
        end, with the other roots in mind.
    sweeps : how often the roots hear of each other.
    damping : part of each new message that is taken.
    grid : places along each side of the square on which the dots' evidence is summed up.
    grid_deviations, least_mm, most_mm : half its side in standard deviations of where the root is expected, and the
        limits of that.
    """

    rounds: int = 4
    motion_rounds: int = 2
    last_rounds: int = 2
    sweeps: int = 1
    damping: float = 0.6
    grid: int = 19
    grid_deviations: float = 3.0
    least_mm: float = 0.6
    most_mm: float = 3.0


@dataclass(frozen=True)
class HypothesisSettings:
    """How the course between two marks is chosen among those that the image allows.

    The weights are a conditional logistic regression on 150 stretches between marks 20 slices apart of five phantoms at
    crowding 1 (seeds 1-5), which of twelve courses lies on the root.

    Parameters
    ----------
    free_mm : other courses are tried where the marks leave each coordinate such a standard deviation; nearer to marks
        a course cannot slip onto a neighbour.
    apart_mm : two courses so far apart on a slice are two.
    sure_mm, looser : from the marks inwards the image is believed where the root's place is known to that standard
        deviation; where there is no such slice any more, by that factor less.
    looks, last_looks : rounds on each slice on the way, and on all slices at the end.
    prior, volume : weights of the course's probability by the marks alone, and of the room that the belief leaves.
    motion : of the motion from each slice back to the one before, against all others that could be there.
    dots : of the dots on its way.
    alike : of the sum of differences in breadth from the two marks, parts of the fluid's level.
    shared : what a slice costs on which another root runs there (the weight of the dots times what a dot takes).
    """

    free_mm: float = 0.4
    apart_mm: float = 0.5
    sure_mm: float = 0.3
    looser: float = 1.15
    looks: int = 2
    last_looks: int = 2
    prior: float = 0.66
    volume: float = 0.72
    motion: float = 0.20
    dots: float = 0.27
    alike: float = 1.2
    shared: float = 0.8


@dataclass(frozen=True)
class ConfidenceSettings:
    """From a course to the probability that its points are right.

    A logistic regression of 11,400 points of eight phantoms at crowding 1 (seeds 1-8), marked every 10 or 20 slices or
    at both ends. The posterior's deviation on a slice is too sure, for a course that has slipped onto the next bundle
    finds its dots there; its largest from mark to mark tells where it may have slipped.

    Parameters
    ----------
    right_mm : a point is right that is off by so much at most.
    offset : logit at a largest deviation of 1 mm.
    per_log_mm : change of the logit per natural logarithm of the largest deviation between the same two marks.
    unseen, about_slices : change where no dot is seen on any slice between the same two marks, and the standard
        deviation of what is about a slice.
    swollen : change per unit by which the place is broader and darker than the narrowest between the same two marks.
    rival, lead_scale : change where another course is as likely, and the log-likelihood that takes a rest of it.
    margin, margin_from : so much is taken off where there is doubt, and the doubt from which on nearly all of it is: by
        so much bins of confidence differ from phantom to phantom.
    astray_mm : how far off a course is that has slipped onto the next bundle (dots of sub-03 are 1.02-1.07 mm apart).
    """

    right_mm: float = 0.7
    offset: float = 0.67
    per_log_mm: float = -2.04
    unseen: float = -3.99
    about_slices: float = 2.0
    swollen: float = -10.65
    rival: float = -1.56
    lead_scale: float = 3.0
    margin: float = 0.07
    margin_from: float = 0.012
    astray_mm: float = 1.1
