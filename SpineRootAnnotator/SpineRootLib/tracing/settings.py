"""What is tuned in tracing: one dataclass per concern, all lengths in mm.

Brightness is in parts of the fluid's level, log-likelihoods and shares have no unit. What has no reason beside it
was set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.course_settings import (
    ConfidenceSettings,
    CoursePriorSettings,
    DotSettings,
    HypothesisSettings,
    MotionSettings,
    PosteriorSettings,
)
from SpineRootLib.tracing.root_settings import ClickSettings, EndSettings, OnwardSettings
from SpineRootLib.tracing.wall_settings import WallSettings


@dataclass(frozen=True)
class FluidSettings:
    """How the brightness of the cerebrospinal fluid is found around a place on a slice.

    Parameters
    ----------
    bright_fluid : roots are dark in bright fluid, as on CISS; False for an image with inverted contrast.
    window_mm : half the side of the square that is looked at: the sac (22 x 15 mm, sub-03) and a margin.
    lattice_mm : the squares' centres lie on a lattice of this width.
    near_window_mm, near_lattice_mm : the same where only one root is looked for.
    smoothing_mm : standard deviation of the smoothing that takes out the noise before the brightest place is sought.
    reach_mm : the brightest place within this distance tells the level; more than the breadth of the cord, half.
    level_smoothing_mm : standard deviation over which the level varies (coil profile).
    member_fraction : pixels above this part of the level count as fluid.
    least_level : away from the fluid the level is at least this part of that of the brightest tenth of the window.
    least_of_brightest : the level is at least this part of the brightest place in reach, so that it is never near 0.
    noise_from : the noise is measured where it is brighter than this part of the level: in fluid, away from edges.
    least_of_slice : where the level is below this part of that of the whole slice, there is no fluid.
    middle_share, bright_percentile : a slice's level is this percentile of so much of its middle.
    least_contrast : the darkest tenth of the window must lie below the fluid by this part of its level.
    """

    bright_fluid: bool = True
    window_mm: float = 22.0
    lattice_mm: float = 8.0
    near_window_mm: float = 11.0
    near_lattice_mm: float = 4.0
    smoothing_mm: float = 0.45
    reach_mm: float = 5.0
    level_smoothing_mm: float = 3.0
    member_fraction: float = 0.72
    least_level: float = 0.7
    least_of_brightest: float = 0.5
    noise_from: float = 0.6
    least_of_slice: float = 0.5
    middle_share: float = 0.5
    bright_percentile: float = 99.7
    least_contrast: float = 0.25


@dataclass(frozen=True)
class ConsistencySettings:
    """From when on an annotation is taken to belong to another image.

    Parameters
    ----------
    most_points, most_contours : looked at, evenly chosen; fewer than `fewest_points`, `fewest_contours` tell nothing.
    dot_mm : a root point lies on a dot so near to its middle.
    beside_mm : points are compared with places so far beside them.
    quiet : dots tell something where the noise is less than this part of the fluid's level.
    wall_mm, wall_fall : so far inside of the dura it is brighter than outside, by that part of the fluid's level.
    darkness : weight of how much darker points are than places beside them.
    between_mm : a root's middle is compared with places so far beside it: half way to the next dot.
    loudest : that tells something where the noise is less than this part of the fluid's level.
    least_centred : a root's middle looks so much more like one than these places, in standard deviations of that (forty
        phantoms of half the length: 0.69-1.6 on the own image, 0.64 at most and less than this for 72 of 79 on others
        and mirrored ones). With all marks 0.2 mm beside their roots eight phantoms reached 0.70, with 0.3 mm 0.30.
    many_centred, few_centred : of n points no more is asked than the first less the second over the root of n: the
        usual 1.05 less a third and 1.7 standard errors.
    least_centred_faint, many_centred_faint, few_centred_faint : the same where dots are faint (eight of the phantoms
        below: 0.34-0.76 on the own image, 0.29 at most and else up to 0.13 on others and mirrored ones).
    least_by_root : with so much of single roots on their middles nothing is said of the others (0.59-1.7 on the own
        image; on others and mirrored ones 0.56 at most, but for one of 42 with 0.9).
    of_root, fewest_roots : marks of a root, and roots, of which that is told.
    surely_centred, chance_centred : of n points the first and the second over the root of n says that they lie on what
        the image shows, however few are on dots (seventeen phantoms of crowding 0.3-1, contrast 2.2-5.5 and noise to
        0.06, as an annotator marks 200 points and more: 0.34-0.76 on the own image, 0.29 at most on mirrored and other
        ones). Between this and what is asked at least nothing is told.
    least_own : how much more often points must lie on dots, and darker, than places beside them (thirty phantoms of
        half the length: 0.36-1.0 on the own image, at most 0.30 but for two on mirrored and other ones).
    least_walled, least_walled_alone : least share of the dura on an edge; and where in noise no dots are told apart
        (0.69-0.90 on the own image, 0.58-0.77 on others).
    usual_walled, wall_weight, least_together : what that share is usually; how much more what is above it says than
        dots, of which an annotator's hand and a poor image leave little; and the least of both together (eight phantoms
        of contrast 2.2 to 5.5, noise to 0.03 and tilts, as an annotator marks: 0.62-1.1 on the own image, 0.38 at most
        on mirrored ones, 0.1 on others).
    faint : where dots are brighter than this part of the fluid's level, that marks lie on none says nothing (0.40-0.42
        at a contrast of 4.4, 0.51 at 2.8, 0.59 at 2.2).
    grey : where dots are brighter than this, it says nothing either that marks lie in bright fluid (0.63-0.66 at a
        contrast of 2.2, where 47-71 % of an annotator's own marks do).
    told_walled : where no dots are told apart, a dura that fits so well says that the image is the annotated one (up to
        0.82 on mirrored ones).
    surely_walled : a dura that fits so well is the subject's own, whatever the dots say (others: 0.58-0.81).
    most_slices : looked at for points that lie where no root can be, evenly chosen: a hull on each takes some ms.
    outside_mm : farther than this outside of the fluid's hull hardly a root lies: at most one in ten.
    most_absent : share of such points, and of those in bright fluid, above which the image is questioned (twelve
        phantoms: at most 0.10 on the own image, 0.59-1.0 where all points were moved by 5-15 mm).
    variance, deviations : the shares may be less by so many standard deviations; variance is that of one point.
    """

    most_points: int = 240
    most_contours: int = 10
    fewest_points: int = 6
    fewest_contours: int = 3
    dot_mm: float = 0.4
    beside_mm: float = 1.5
    quiet: float = 0.08
    wall_mm: float = 0.6
    wall_fall: float = 0.15
    darkness: float = 0.25
    between_mm: float = 0.5
    loudest: float = 0.2
    least_centred: float = 0.35
    many_centred: float = 0.72
    few_centred: float = 2.0
    least_centred_faint: float = 0.20
    many_centred_faint: float = 0.45
    few_centred_faint: float = 3.5
    least_by_root: float = 0.60
    of_root: int = 8
    fewest_roots: int = 3
    surely_centred: float = 0.35
    chance_centred: float = 1.0
    least_own: float = 0.35
    least_walled: float = 0.45
    least_walled_alone: float = 0.60
    usual_walled: float = 0.7
    wall_weight: float = 3.0
    least_together: float = 0.50
    faint: float = 0.47
    grey: float = 0.57
    told_walled: float = 0.85
    surely_walled: float = 0.95
    most_slices: int = 10
    outside_mm: float = 1.5
    most_absent: float = 0.4
    variance: float = 0.2
    deviations: float = 1.6


@dataclass(frozen=True)
class GanglionSettings:
    """What a ganglion looks like on an overview image.

    Parameters
    ----------
    dark_on : images on which a ganglion is a dark oval in bright fat; elsewhere it is a bright one.
    radius_mm, half_length_mm : of the upright oval; lumbar ganglia measure about 6 x 6 x 11 mm.
    rim_mm, shell_mm : its surround is looked at from so far outside of it, and up to there.
    search_mm : it is looked for within this distance of the click.
    step_mm : of the grid on which it is looked for.
    distance_weight : certainty that a mm away from the click costs.
    floor : spread of brightness that is always there, part of its range.
    enclosed : share of the surround that must differ from the oval.
    not_black : a dark oval is so much brighter than bone and muscle, part of the range: nerves are grey.
    seen : share of the oval's half axes that lies within the image on every side, or its middle is a guess.
    least_bright, least_dark : inside and surround must differ by so many standard deviations.
    half_sure, gain : from so many on it is believed in by half, and how fast belief grows.
    most_turns : of the search for its centre of gravity.
    """

    dark_on: tuple[str, ...] = ("T2TSE",)
    radius_mm: float = 2.6
    half_length_mm: float = 5.0
    rim_mm: float = 1.0
    shell_mm: float = 2.5
    search_mm: float = 6.0
    step_mm: float = 1.0
    distance_weight: float = 0.05
    floor: float = 0.02
    enclosed: float = 0.5
    not_black: float = 0.3
    seen: float = 0.6
    least_bright: float = 1.8
    least_dark: float = 1.0
    half_sure: float = 1.2
    gain: float = 2.5
    most_turns: int = 6


@dataclass(frozen=True)
class TracingSettings:
    """All settings of the tracer."""

    fluid: FluidSettings = field(default_factory=FluidSettings)
    clicks: ClickSettings = field(default_factory=ClickSettings)
    onward: OnwardSettings = field(default_factory=OnwardSettings)
    ends: EndSettings = field(default_factory=EndSettings)
    course: CoursePriorSettings = field(default_factory=CoursePriorSettings)
    dots: DotSettings = field(default_factory=DotSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    confidence: ConfidenceSettings = field(default_factory=ConfidenceSettings)
    posterior: PosteriorSettings = field(default_factory=PosteriorSettings)
    hypotheses: HypothesisSettings = field(default_factory=HypothesisSettings)
    consistency: ConsistencySettings = field(default_factory=ConsistencySettings)
    contours: ContourSettings = field(default_factory=ContourSettings)
    wall: WallSettings = field(default_factory=WallSettings)
    ganglia: GanglionSettings = field(default_factory=GanglionSettings)
