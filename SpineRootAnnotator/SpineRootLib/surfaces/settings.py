"""What is tuned in the model, by concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.errors import SpineRootError

FLAT, OPEN, SAC = "flat", "open", "sac"
ENDS = (FLAT, OPEN, SAC)


@dataclass(frozen=True)
class ContourSettings:
    """How contours become walls.

    Parameters
    ----------
    smoothing : 0 passes through the contours as drawn, 1 removes the slice-to-slice jitter.
    mean_move_mm, max_move_mm : how far smoothing may move the wall from the drawn curve. The jitter of careful
        annotators is 0.12-0.13 mm from slice to slice (measured on the published subject 03).
    smoothing_mm : features along the cord shorter than about this are jitter.
    """

    smoothing: float = 1.0
    mean_move_mm: float = 0.05
    max_move_mm: float = 0.14
    smoothing_mm: float = 6.0


@dataclass(frozen=True)
class MeshSettings:
    """Size of the triangles.

    Parameters
    ----------
    edge_mm : longest edge around a wall; `sagitta_mm` shortens it where the wall is sharply curved.
    step_mm : longest step along a wall.
    tube_sides, tube_step_mm : a root's cross-section and its longest step.
    wall_triangles : of dura and cord and of the fluid between them, about; where slices lie so close that there would
        be more, edges around the walls are longer.
    """

    edge_mm: float = 0.6
    sagitta_mm: float = 0.008
    shortest_mm: float = 0.12
    step_mm: float = 1.0
    tube_sides: int = 10
    tube_step_mm: float = 1.4
    wall_triangles: int = 102_000

    def scaled(self, detail: float) -> MeshSettings:
        """Edges shorter by the factor `detail`; 1 is the default, 2 gives about four times the triangles."""
        if not 0.2 <= detail <= 8:
            raise SpineRootError(f"a detail of {detail:g} makes no sense: from 0.2 (coarse) to 8 (fine)")
        return MeshSettings(
            self.edge_mm / detail,
            self.sagitta_mm / detail**2,
            self.shortest_mm / detail,
            self.step_mm / detail,
            max(8, round(self.tube_sides * detail)),
            self.tube_step_mm / detail,
            round(self.wall_triangles * detail**2),
        )

    def within_budget(self, perimeters: Sequence[NDArray[np.float64]]) -> MeshSettings:
        """With edges as long as the rings of the walls, by their lengths (s,) each, need to keep to the budget."""
        around = sum(float(lengths.sum()) for lengths in perimeters) / self.edge_mm
        # two triangles an edge, in the wall and in the fluid, and a quarter more where walls are sharply curved
        factor = max(1.0, 2 * 2 * 1.25 * around / self.wall_triangles)
        return replace(
            self,
            edge_mm=self.edge_mm * factor,
            sagitta_mm=self.sagitta_mm * factor**2,
            shortest_mm=self.shortest_mm * factor,
        )


@dataclass(frozen=True)
class RootSettings:
    """How root points become tubes.

    Parameters
    ----------
    radius_mm : of every root, as in the published models; `radius_by_segment` overrides it.
    smoothing_mm : bends of a centreline shorter than this are jitter; chosen so that points with the jitter of 0.10 mm
        a coordinate lie 0.12 mm from the centreline on average.
    mean_limit_mm, p95_limit_mm : the smoothing is lowered until the points lie no farther from the centreline, but not
        below `least_smoothing_mm`.
    limits : distances of a point from the centreline, mm, and the force that it may take, at most, to keep each,
        against 1 mm of a point's own pull. The last is never passed.
    firmness : a limit or contact yields by its force over this, mm.
    forgetting_mm : beyond the last point a root forgets its direction over this and runs straight to its ganglion.
    emergence_weight : of the squared distance that the emergence slides sideways on the cord.
    """

    radius_mm: float = 0.5
    radius_by_segment: Mapping[str, float] = field(default_factory=dict)
    smoothing_mm: float = 1.78
    least_smoothing_mm: float = 0.75
    mean_limit_mm: float = 0.09
    p95_limit_mm: float = 0.21
    limits: tuple[tuple[float, float], ...] = ((0.22, 1.0), (0.34, 12.0), (0.465, 400.0))
    firmness: float = 1e5
    forgetting_mm: float = 10.0
    emergence_weight: float = 1.0

    @property
    def utmost_mm(self) -> float:
        """No point lies farther from the centreline, whatever has to be cleared, but to keep the tube from folding."""
        return self.limits[-1][0]

    @property
    def point_limit_mm(self) -> float:
        """No point lies farther from the centreline, unless a neighbour has to be cleared."""
        return self.limits[1][0]

    def stiffness(self, spacing: float) -> tuple[float, float]:
        """Weight of the bending against the squared distance to points so far apart, mm3, and the least of it."""
        return self.smoothing_mm**4 / spacing, self.least_smoothing_mm**4 / spacing

    def radius(self, root: Root) -> float:
        """The radius of a root, mm."""
        return self.radius_by_segment.get(root.segment, self.radius_mm)


@dataclass(frozen=True)
class CalibreSettings:
    """How the radius of a root is measured in the image.

    Parameters
    ----------
    root_mm : around the point within which the root's whole blurred dot lies; `ring_mm` how far fluid is looked at.
    step_mm : between samples.
    apart_mm : places must be nearer to the root than to another by this.
    wall_mm : places nearer to the cord's or the dura's outline do not count.
    fluid_percentile : of the ring's signal that is pure fluid.
    tissue_percentile : of the signals at the marked points that is the roots' own, undiluted by fluid.
    fewest_slices : a root measured on fewer keeps its set radius.
    range_mm : what a lumbosacral root can have; 0.8-1.4 mm wide at the cauda equina (Liu et al. 2024).
    """

    root_mm: float = 0.8
    ring_mm: float = 1.9
    step_mm: float = 0.18
    apart_mm: float = 0.0
    wall_mm: float = 0.4
    fluid_percentile: float = 60.0
    tissue_percentile: float = 30.0
    fewest_slices: int = 5
    range_mm: tuple[float, float] = (0.25, 1.0)


@dataclass(frozen=True)
class ClearanceSettings:
    """How far surfaces keep apart, and what may be moved for it.

    Parameters
    ----------
    clearance_mm : between any two surfaces; `margin_mm` on top makes up for the facets of the tubes.
    emergence_slope : least and most rise off the cord over the length along a root where it emerges, until it has the
        clearance; as steep as its points allow, with `emergence_room_mm` to spare, and less steep by the factor
        `easing` in each late step in which it does not hold, and again when a round ends. Once it has come off, it
        rises at least by `parting_slope`; one that rises slowly, from this share of its rise (`risen`) on.
    exit_slope : the same through the dura where it leaves; less steep than `least_exit_slope` is no exit.
    join_mm : a first point farther than this from the cord does not come from it.
    cord_in_dura_mm : the cord is drawn in by at most this to lie inside the dura.
    astray_mm : a point farther beyond its last limit is tried again.
    level_mm : how much higher than its first point a root may emerge.
    look_mm : neighbours this much farther than the clearance are watched while nodes move; walls within `close_mm`
        also between the nodes.
    force : a contact pushes at most so hard, against 1 mm of a point's own pull; an emergence is held by
        `emergence_force`.
    tolerance_mm : where nodes move less, they are at rest; so often at most contacts are linearised (`iterations`).
    full_steps : after so many, steps are shortened more and more, so that contacts whose direction turns come to rest.
    rounds : so often contacts that stay broken by more than `hopeless_mm` within the points' limits are given up:
        their nodes stay where the points have them, and are conflicts.
    tightest_bend : radius of a bend over that of the root; where it is tighter, the root is stiffened by `stiffening`,
        and eased at last, up to `widenings` times by widening the bend and `shortenings` times by shortening it.
    """

    clearance_mm: float = 0.05
    margin_mm: float = 0.02
    emergence_slope: tuple[float, float] = (0.06, 0.24)
    emergence_room_mm: float = 0.08
    easing: float = 0.8
    parting_slope: float = 0.1
    risen: float = 0.75
    exit_slope: float = 0.3
    least_exit_slope: float = 0.15
    join_mm: float = 5.0
    cord_in_dura_mm: float = 1.0
    astray_mm: float = 0.03
    level_mm: float = 0.28
    look_mm: float = 0.6
    close_mm: float = 0.2
    force: float = 40.0
    emergence_force: float = 1000.0
    tolerance_mm: float = 0.012
    iterations: int = 8
    full_steps: int = 3
    rounds: int = 3
    hopeless_mm: float = 0.1
    tightest_bend: float = 1.1
    stiffening: float = 5.0
    widenings: int = 20
    shortenings: int = 400


@dataclass(frozen=True)
class EndSettings:
    """How walls end.

    Parameters
    ----------
    dura_top, dura_bottom : ``flat`` cut, ``open`` (no cap), or ``sac`` (a tapering sac of `sac_length_mm`).
    bulge_mm : a flat cut bulges by this, so that no two caps are coplanar and the cord's lies below the dura's.
    widest_tip_mm : a cord whose last contour has a larger radius is closed as cut, not as a conus tip.
    continued_slices : over so many slices with a cord and no dura the dura is continued.
    """

    dura_top: str = FLAT
    dura_bottom: str = FLAT
    sac_length_mm: float = 12.0
    bulge_mm: float = 0.12
    widest_tip_mm: float = 1.6
    continued_slices: int = 3

    def __post_init__(self) -> None:
        for end in (self.dura_top, self.dura_bottom):
            if end not in ENDS:
                raise SpineRootError(f"'{end}' is no end of the dura ({', '.join(ENDS)})")


@dataclass(frozen=True)
class ModelSettings:
    """Everything that a user may set; `csf` and `conforming` ask for the fluid and for regions that fill space."""

    contours: ContourSettings = ContourSettings()
    mesh: MeshSettings = MeshSettings()
    roots: RootSettings = field(default_factory=RootSettings)
    clearance: ClearanceSettings = ClearanceSettings()
    ends: EndSettings = EndSettings()
    calibre: CalibreSettings = CalibreSettings()
    csf: bool = True
    conforming: bool = False
