"""What is tuned in tracing dura and cord, all lengths in mm.

Brightness is in parts of the fluid's level, log-likelihoods and shares have no unit. What has no reason beside it
was set by eye.
"""

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
    dot_mm, gap_mm : of a first guess of the sac: radius of a root about its dot, and breadth of gaps that are closed.
    beside_from : a dot is a root's where something at least so bright lies within its diameter: fluid between roots.
    smallest_sac_mm2, largest_sac_mm2 : of what can be a sac (sub-03: 150-260).
    outside_mm : fluid within this distance outside of the dura speaks against it.
    edge_weight, region_weight : price of a missing edge, and of a mm of fluid on the wrong side.
    cord_weight : fluid inside of the cord counts so many times as much: outside of the dura something may be bright.
    bend_weight : price of a squared mm of change from ray to ray.
    steepest : samples that the outline may go in or out from ray to ray.
    prior_limit : the expected place pulls at most as much as this.
    prior_mm : standard deviation of the outline about that of the slice beside.
    farthest_slices : a single contour is proposed from one at most so many slices away.
    click_outside_mm : a click may lie so far outside of what it means: the conus is as small as a click is unsteady.
    half_sure_dura_mm, half_sure_cord_mm, sure_mm : confidence falls to a half where a quarter of a contour may be so
        far off, and how fast: a dura that has leaked into the fat is as well seen as any on its other three quarters.
    by_image : where the slice itself says so much in the mean, 0..1, the contour rests on it.
    least_seen : beyond the known contours one is followed while so much of its edge is seen.
    beside_mm : so far inside and outside of an outline that is followed its edge is looked at: half a root's breadth.
    inside : where its inside is looked at, parts of its radius.
    least_fluid : the dura holds at least this share of fluid there; cord and roots fill the rest.
    clear_edge : an edge is clear from this part of the contrast between fluid and dark.
    least_clear : share of a first guess that must be clear, or the sac is sought by fluid and dots, the cord by its
        usual shape.
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
    dot_mm: float = 0.45
    gap_mm: float = 0.9
    beside_from: float = 0.6
    smallest_sac_mm2: float = 40.0
    largest_sac_mm2: float = 600.0
    outside_mm: float = 2.0
    edge_weight: float = 1.0
    region_weight: float = 0.6
    cord_weight: float = 5.0
    bend_weight: float = 2.0
    steepest: int = 4
    prior_limit: float = 3.0
    prior_mm: float = 0.6
    farthest_slices: int = 4
    click_outside_mm: float = 0.3
    half_sure_dura_mm: float = 0.40
    half_sure_cord_mm: float = 0.30
    sure_mm: float = 0.05
    by_image: float = 0.2
    least_seen: float = 0.25
    beside_mm: float = 0.5
    inside: tuple[float, ...] = (0.0, 0.4, 0.7)
    least_fluid: float = 0.15
    clear_edge: float = 0.3
    least_clear: float = 0.9
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
