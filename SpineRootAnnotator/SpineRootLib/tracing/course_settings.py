"""What is tuned in tracing the courses of roots, all lengths in mm."""

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
    """What speaks for the centre of a root at a place on a slice.

    Parameters
    ----------
    radii_mm : radii of the discs that are looked for: in a mass the middles of bundles of 0.9-1.2 mm stand out little,
        and only at less than their own size.
    gain : log-likelihood ratio per unit of the discs' response, part of the fluid's level, for each radius.
    quiet : noise of the response at which its gain is halved.
    largest : bound of the discs' evidence: a vessel is as dark and as round as a root.
    bright_gain, dark_from, core_mm : log-likelihood ratio per unit of brightness above that in the middle: fluid is no
        root; smoothed with that standard deviation.
    claim, claim_mm : log-likelihood that another root's centre at the same place takes, and how near that is.
    """

    radii_mm: tuple[float, ...] = (0.3, 0.45)
    gain: float = 16.0
    quiet: float = 0.05
    largest: float = 5.0
    bright_gain: float = 20.0
    dark_from: float = 0.45
    core_mm: float = 0.25
    claim: float = 3.0
    claim_mm: float = 0.4


@dataclass(frozen=True)
class MotionSettings:
    """How the picture's own motion from slice to slice is measured.

    Parameters
    ----------
    window_mm : standard deviation of the Gaussian window about the root in which two slices are compared.
    reach_mm : half the side of the square that is compared.
    step_mm : of the displacements that are tried; the pictures are sampled at twice that.
    search_mm : largest displacement beside the expected one.
    gain : log-likelihood per unit of the normalised correlation.
    floor : variation of brightness, part of the fluid's level, below which there is nothing to compare.
    """

    window_mm: float = 1.0
    reach_mm: float = 2.4
    step_mm: float = 0.2
    search_mm: float = 0.8
    gain: float = 18.0
    floor: float = 0.05


@dataclass(frozen=True)
class LatticeSettings:
    """The lattice on which courses are summed up.

    Parameters
    ----------
    step_mm : of the lattice.
    window : a root is looked for so many cells on each side of where its marks put it.
    reach : cells that a course may move sideways from slice to slice; the steepest step of sub-03 is 0.9 mm.
    least_mm : standard deviation added to each step: a lattice is coarse.
    margin_mm : of the part of a slice that is looked at, beyond the windows.
    """

    step_mm: float = 0.3
    window: int = 7
    reach: int = 3
    least_mm: float = 0.09
    margin_mm: float = 1.5


@dataclass(frozen=True)
class PosteriorSettings:
    """How the evidence is brought together.

    Parameters
    ----------
    rounds : of expectation propagation; `motion_rounds` of them look at the motion alone, before the dots are believed.
    sweeps : how often the roots hear of each other.
    damping : part of each new message that is taken.
    grid : places along each side of the square on which the dots' evidence is summed up.
    grid_deviations, least_mm, most_mm : half its side in standard deviations of where the root is expected, and the
        limits of that.
    right_mm : a proposal so near to the truth is on the right root: the confidence is the probability of that.
    """

    rounds: int = 4
    motion_rounds: int = 2
    sweeps: int = 3
    damping: float = 0.6
    grid: int = 21
    grid_deviations: float = 3.0
    least_mm: float = 0.6
    most_mm: float = 3.0
    right_mm: float = 0.7
