"""What is tuned in the roots' radii, in the fit of their centrelines, and in the solver behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Radii of circles with the area of whole dorsal roots, mm. In cadavers S1 is 2.95 +- 0.57 mm across (Liu et al. 2015),
# L5 2.33 to 7.71 mm2, of which this is the middle (Hogan 1996). Both found that roots grow from L1 to S1 and become
# smaller below; the levels between are put in there by eye. An annotator marks one of one to three bundles of a root,
# hence the default radius is less (`RootSettings`).
LITERATURE_RADII_MM: Mapping[str, float] = MappingProxyType(
    {"L1": 0.80, "L2": 0.94, "L3": 1.07, "L4": 1.13, "L5": 1.26, "S1": 1.475, "S2": 0.98}
)


@dataclass(frozen=True)
class RadiusMeasurementSettings:
    """How the radius of a root is measured in the image.

    Parameters
    ----------
    root_mm : around the point within which the root's whole blurred dot lies; by eye.
    ring_mm : how far around the point fluid is looked at; by eye.
    step_mm : between samples; by eye, finer than the voxels of CISS.
    apart_mm : places must be nearer to the root than to another by this.
    wall_mm : places nearer to the cord's or the dura's outline do not count; by eye.
    fluid_percentile : of the ring's signal that is pure fluid; by eye.
    tissue_percentile : of the signals at the marked points that is the roots' own, undiluted by fluid; by eye.
    least_ring, least_dot : shares of the ring, and of the disc within `root_mm`, that must be the root's own; by eye.
    fewest_slices : a root measured on fewer keeps its set radius; by eye.
    range_mm : what a lumbosacral root can have; 0.8-1.4 mm wide at the cauda equina (Liu et al. 2024).
    """

    root_mm: float = 0.8
    ring_mm: float = 1.9
    step_mm: float = 0.18
    apart_mm: float = 0.0
    wall_mm: float = 0.4
    fluid_percentile: float = 60.0
    tissue_percentile: float = 30.0
    least_ring: float = 0.25
    least_dot: float = 0.8
    fewest_slices: int = 5
    range_mm: tuple[float, float] = (0.25, 1.0)


@dataclass(frozen=True)
class CentrelineSettings:
    """How a centreline balances the root's points against bending.

    Parameters
    ----------
    smoothing_mm : bends of a centreline shorter than this are jitter; chosen so that points with the jitter of 0.10 mm
        a coordinate lie 0.12 mm from the centreline on average.
    mean_limit_mm, p95_limit_mm : the smoothing is lowered until the points lie no farther from the centreline, but not
        below `least_smoothing_mm`, by eye; `refits` times at most.
    limits : distances of a point from the centreline, mm, and the force that it may take, at most, to keep each,
        against 1 mm of a point's own pull; by eye. The last is never passed.
    forgetting_mm : beyond the last point a root forgets its direction over this and runs straight to its ganglion; by
        eye.
    emergence_weight : of the squared distance that the emergence slides sideways on the cord: that of a point.
    emergence_rigidity, emergence_mm : so many times as rigid as elsewhere a root is where it leaves the cord, and ever
        less over this length; by eye, so that no root of the published subject turns there by more than 10 degrees a mm
        (7 instead of 12.5) and its points lie no farther from it.
    held_weight : of the squared distance of a node that is to stay: so large that it does.
    guide_weight : of the squared distance of a node from where it is led below the scan, where a point has 1; by eye,
        enough that the tension does not pull it out of the sac.
    window : a point looks for its nearest place so many segments before and after where it was.
    directed_mm : nearer to its centreline the direction of a point from it means nothing; by eye.
    unevenness : nodes are spread evenly again where a chain's longest edge over its shortest is more; by eye.
    polygon_sides : of the polygon that stands for the circle of the last limit.
    same_depth_mm : points whose depths differ by less lie on one level; far below the distance of slices.
    same_place_mm : a last point so near to the ganglion is the ganglion.
    """

    smoothing_mm: float = 1.78
    least_smoothing_mm: float = 0.75
    mean_limit_mm: float = 0.09
    p95_limit_mm: float = 0.21
    refits: int = 10
    limits: tuple[tuple[float, float], ...] = ((0.22, 1.0), (0.34, 12.0), (0.465, 400.0))
    forgetting_mm: float = 10.0
    emergence_weight: float = 1.0
    emergence_rigidity: float = 4.0
    emergence_mm: float = 6.0
    held_weight: float = 1e7
    guide_weight: float = 0.1
    window: int = 2
    directed_mm: float = 0.02
    unevenness: float = 2.0
    polygon_sides: int = 8
    same_depth_mm: float = 0.05
    same_place_mm: float = 0.05

    @property
    def utmost_mm(self) -> float:
        """No point lies farther from the centreline, whatever comes near, but to keep the tube from folding."""
        return self.limits[-1][0]

    @property
    def point_limit_mm(self) -> float:
        """No point lies farther from the centreline, unless it has to keep clear of a neighbour."""
        return self.limits[1][0]

    def stiffness(self, spacing: float) -> tuple[float, float]:
        """Weight of the bending against the squared distance to points so far apart, mm3, and the least of it."""
        return self.smoothing_mm**4 / spacing, self.least_smoothing_mm**4 / spacing


@dataclass(frozen=True)
class SolverSettings:
    """How the quadratic program is solved.

    Parameters
    ----------
    firmness : a constraint yields by its force over this, mm: 0.4 um under the largest force of a contact.
    idle_mm : a constraint this far from being touched is left out until it is; by eye.
    working_sets : so often at most constraints are taken in that were left out; by eye.
    block : bounds are freed that are pushed at least by this share of the most pushed one; by eye.
    least_push_mm : a weaker push is none: rounding.
    steps : of the active-set method at most; by eye.
    most_rows, operations : so many constraints at once, the most broken first, and so many operations for each group
        of roots: of what one subject can need, several times over. A bundle that cannot be separated anyway, such as
        roots marked side by side all along, costs no more.
    """

    firmness: float = 1e5
    idle_mm: float = 0.02
    working_sets: int = 4
    block: float = 0.3
    least_push_mm: float = 1e-7
    steps: int = 300
    most_rows: int = 1800
    operations: float = 2e8
