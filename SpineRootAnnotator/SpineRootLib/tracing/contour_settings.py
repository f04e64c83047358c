"""What is tuned in tracing dura and cord, all lengths in mm."""

from __future__ import annotations

from dataclasses import dataclass


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
    prior_mm : standard deviation of the outline about that of the slice beside.
    farthest_slices : a single contour is proposed from one at most so many slices away.
    full_edge : of an edge so strong, part of the fluid's level, there is no doubt.
    clear_power : the doubt about a contour is the share of its outline without a clear edge, to this power: set on
        phantoms with noise of 6-40 %.
    noise_limit : where the contrast is less than so many times the noise, confidence falls with it: noise has edges.
    clear_edge : an edge is clear from this part of the contrast between fluid and dark.
    least_clear : share of the outline that must be clear.
    least_radius_mm : nothing smaller is an outline but the filum; the conus of sub-03 ends with 0.76 and 0.64.
    harmonics, shape_turns : of the plain shape behind an outline, and of its robust fit.
    shape_mm : standard deviation of the outline about its plain shape.
    stuck_mm : what stands out farther from the plain shape is a root that touches.
    shape_pull, smoothness : how firmly the last outline leans on the plain shape, and how smooth its deviation is.
    dura_mm : the contour of the dura runs in the middle of the membrane, so far outside of the fluid's edge; the lumbar
        dura is 0.27 mm thick (Reina et al. 1996, PMID 8815466).
    wall_bend_dura, wall_bend_cord : 1/mm, standard deviation of the second derivative of the outline's distance from
        the middle along the slices' normal. Without the annotator's jitter the second differences of sub-03, 2 mm
        apart, have one of 0.08 (dura) and 0.04 mm (cord), that is 0.020 and 0.010; a little more leaves the edges seen
        their say.
    wall_harmonics : of the Fourier series of each slice of the wall.
    wall_centre_mm : standard deviation of the second difference of its middle, for one of 1 mm of the centres found.
    wall_edge_mm, wall_step_mm, wall_reach_mm : breadth on each side of an edge over which brightness is compared where
        the wall is known, distance of samples, and how far from the wall an edge is sought; `wall_pull`, part of the
        fluid's level, is what an edge at that distance must be clearer than one on the wall.
    wall_along_rays : as `along_rays`.
    wall_noise_mm : standard deviation of a clear edge on one ray.
    wall_least_edge, wall_full_edge : an edge is believed not at all and wholly from this part of the fluid's level on.
    wall_stuck_mm, wall_hollow_mm : an edge farther from the wall than this is not believed, on the side where roots
        stick and on the other.
    wall_step_share : part of a step that shows within `wall_edge_mm` of it; the rest is blurred away.
    wall_turns : how often edges are sought near the wall.
    wall_drawn : belief in a ray of a drawn contour, beside 1 for a clear edge: a hand's jitter of 0.12 mm goes over
        several rays.
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
    farthest_slices: int = 4
    full_edge: float = 0.4
    clear_power: float = 1.5
    noise_limit: float = 3.0
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
    wall_bend_dura: float = 0.021
    wall_bend_cord: float = 0.014
    wall_harmonics: int = 6
    wall_centre_mm: float = 0.2
    wall_edge_mm: float = 0.3
    wall_step_mm: float = 0.1
    wall_reach_mm: float = 0.9
    wall_pull: float = 1.8
    wall_along_rays: float = 0.7
    wall_noise_mm: float = 0.09
    wall_least_edge: float = 0.1
    wall_full_edge: float = 0.35
    wall_stuck_mm: float = 0.18
    wall_hollow_mm: float = 0.38
    wall_step_share: float = 0.7
    wall_turns: int = 2
    wall_drawn: float = 0.15
    tolerance_mm: float = 0.05
    fewest_points: int = 12
    most_points: int = 24
