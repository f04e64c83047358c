"""What is tuned in tracing: one dataclass per concern, all lengths in mm."""

from __future__ import annotations

from dataclasses import dataclass, field


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
    least_of_image : where the level is below this part of that of the whole image, there is no fluid.
    middle_share, bright_percentile : the image's level is this percentile of so much of the middle of its slices.
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
    least_of_image: float = 0.5
    middle_share: float = 0.5
    bright_percentile: float = 99.7
    least_contrast: float = 0.25


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
    end_cost: float = 2.5
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
class ConfidenceSettings:
    """From a course's margin to the probability that its points are right; set on phantoms with noise of 6-25 %.

    Parameters
    ----------
    gain, offset : of the logistic of the margin.
    full_clearness, clearness_power : where the roots' contrast is less than so many times the noise, the gain falls
        with this power of it.
    unseen : factor where no spot is seen.
    seen_slices, seen_power : the share of so many slices around on which a spot is seen, to this power, is a factor.
    moved_mm : standard deviation of how far smoothing moves a spot that is the root's.
    """

    gain: float = 0.55
    offset: float = -1.0
    full_clearness: float = 3.0
    clearness_power: float = 2.0
    unseen: float = 0.7
    seen_slices: int = 7
    seen_power: float = 0.25
    moved_mm: float = 0.5


@dataclass(frozen=True)
class ContourSettings:
    """How dura and cord are found.

    Parameters
    ----------
    angles : rays of the polar image.
    step_mm : distance of samples along a ray.
    largest_mm : neither dura nor cord reaches farther from the click (sac of sub-03: 22 x 15 mm).
    edge_mm : breadth on each side of an edge over which brightness is compared.
    along_rays : standard deviation, in rays, over which the edge is averaged along the outline.
    fluid_from : brightness, part of the fluid's level, from which something counts as fluid.
    outside_mm : fluid within this distance outside of the dura speaks against it.
    edge_weight, region_weight : price of a missing edge, and of a mm of fluid on the wrong side.
    bend_weight : price of a squared mm of change from ray to ray.
    steepest : samples that the outline may go in or out from ray to ray.
    prior_limit : the expected place pulls at most as much as this.
    prior_mm, prior_between_mm : standard deviation of the outline about that of the slice beside, and about the mean of
        both neighbours'.
    farthest_slices : a single contour is proposed from one at most so many slices away.
    full_edge : of an edge so strong, part of the fluid's level, there is no doubt.
    clear_edge : an edge is clear from this part of the contrast between fluid and dark.
    least_clear : share of the outline that must be clear.
    least_radius_mm : nothing smaller is an outline but the filum; the conus of sub-03 ends with 0.76 and 0.64.
    harmonics, shape_turns : of the plain shape behind an outline, and of its robust fit.
    shape_mm : standard deviation of the outline about its plain shape.
    stuck_mm : what stands out farther from the plain shape is a root that touches.
    shape_pull, smoothness : how firmly the last outline leans on the plain shape, and how smooth its deviation is.
    dura_mm : the contour of the dura runs in the middle of the membrane, so far outside of the fluid's edge; the lumbar
        dura is 0.27 mm thick (Reina et al. 1996, PMID 8815466).
    tolerance_mm, fewest_points, most_points : of the closed curve that is proposed.
    """

    angles: int = 96
    step_mm: float = 0.15
    largest_mm: float = 17.0
    edge_mm: float = 0.6
    along_rays: float = 0.7
    fluid_from: float = 0.6
    outside_mm: float = 2.0
    edge_weight: float = 1.0
    region_weight: float = 0.6
    bend_weight: float = 2.0
    steepest: int = 4
    prior_limit: float = 3.0
    prior_mm: float = 0.6
    prior_between_mm: float = 0.35
    farthest_slices: int = 4
    full_edge: float = 0.4
    clear_edge: float = 0.3
    least_clear: float = 0.6
    least_radius_mm: float = 0.75
    harmonics: int = 4
    shape_turns: int = 8
    shape_mm: float = 0.35
    stuck_mm: float = 0.3
    shape_pull: float = 0.05
    smoothness: float = 4.0
    dura_mm: float = 0.135
    tolerance_mm: float = 0.05
    fewest_points: int = 12
    most_points: int = 24


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
    least_bright: float = 1.8
    least_dark: float = 1.0
    half_sure: float = 1.2
    gain: float = 2.5
    most_turns: int = 6


@dataclass(frozen=True)
class TracingSettings:
    """All settings of the tracer."""

    fluid: FluidSettings = field(default_factory=FluidSettings)
    spots: SpotSettings = field(default_factory=SpotSettings)
    path: PathSettings = field(default_factory=PathSettings)
    confidence: ConfidenceSettings = field(default_factory=ConfidenceSettings)
    contours: ContourSettings = field(default_factory=ContourSettings)
    ganglia: GanglionSettings = field(default_factory=GanglionSettings)
