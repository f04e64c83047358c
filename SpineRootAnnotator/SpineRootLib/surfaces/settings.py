"""What is tuned in the walls and in the size of triangles, and all settings of a model together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces.root_settings import CentrelineSettings, RadiusMeasurementSettings, SolverSettings
from SpineRootLib.surfaces.separation_settings import (
    BendSettings,
    CleaningSettings,
    ClearanceSettings,
    ConflictSettings,
    CrumbSettings,
    EmergenceSettings,
    ExitSettings,
    FlatteningSettings,
    SeparationSettings,
)
from SpineRootLib.surfaces.surroundings_settings import SurroundingsSettings

FLAT, OPEN, SAC = "flat", "open", "sac"
ENDS = (FLAT, OPEN, SAC)
# below alone: carried on to the lowest ganglia, with the roots in it
CONTINUED = "continued"
BOTTOM_ENDS = (*ENDS, CONTINUED)
# of the cord below, where its tip was drawn
ROUND, CONE, FILUM = "round", "cone", "filum"
CONUS_ENDS = (ROUND, CONE, FILUM)


@dataclass(frozen=True)
class ContourReadingSettings:
    """Which faults of a drawn contour are repaired, and which are refused; all by eye.

    Parameters
    ----------
    longest_loop : share of a contour's points; a longer loop may as well be meant, and is refused.
    least_area_mm2 : a contour that encloses less is a line.
    same_area, same_place_mm : two contours of one slice whose areas differ by more, relatively, or that lie farther
        apart, are two opinions, and are refused; of others the mean is taken.
    uncrossings : so many crossings of a contour are undone at most.
    """

    longest_loop: float = 1 / 3
    least_area_mm2: float = 0.1
    same_area: float = 0.25
    same_place_mm: float = 1.0
    uncrossings: int = 12


@dataclass(frozen=True)
class WallSmoothingSettings:
    """How contours become walls.

    Parameters
    ----------
    smoothing : 0 passes through the contours as drawn, 1 removes the slice-to-slice jitter.
    mean_move_mm, max_move_mm : how far smoothing may move the wall from the drawn curve. The jitter of careful
        annotators is 0.12-0.13 mm from slice to slice (measured on the published subject 03).
    smoothing_mm : features along the cord shorter than about this are jitter; by eye.
    lowerings : so often the strength is lowered at most until the mean move holds; by eye.
    cord_in_dura_mm : the cord is drawn in by at most this to lie inside the dura, else it is refused; by eye.
    """

    smoothing: float = 1.0
    mean_move_mm: float = 0.05
    max_move_mm: float = 0.14
    smoothing_mm: float = 6.0
    lowerings: int = 12
    cord_in_dura_mm: float = 1.0


@dataclass(frozen=True)
class ContinuedSacSettings:
    """How the sac and the roots in it go on below the scan.

    Parameters
    ----------
    above_ganglion_mm : how far above its ganglion a root leaves the sac; 6.3-9.4 on one subject of the published
        dataset, as tracing has it.
    narrowing : the sac's width where its dome begins, as a share of that on the last slice; by eye.
    least_mm : a sac that would go on by less is not carried on; by eye.
    late : how late a root moves over to its side: the power of the share of the way; by eye, so that it keeps its
        place among its neighbours until they have left.
    step_mm : between the places that a root is led through; a tube's step.
    aside_mm : by how much a root is moved aside from one of these to the next at most; by eye.
    """

    above_ganglion_mm: float = 8.6
    narrowing: float = 0.45
    least_mm: float = 6.0
    late: float = 3.0
    step_mm: float = 1.4
    aside_mm: float = 0.15


@dataclass(frozen=True)
class ConusSettings:
    """How the cord ends below its last contour, if it is to end as a cone.

    Parameters
    ----------
    looked_mm : the cone narrows as the cord does over this length above its last contour; by eye.
    lengths_mm : it is no shorter and no longer; by eye.
    filum_mm : diameter of the filum where it begins: 1.38 in the mean of 41 cadavers (Pinto et al. 2002).
    above_end_mm : so far above the last ring of the dura it ends; by eye.
    step_mm : between its rings; by eye.
    """

    looked_mm: float = 10.0
    lengths_mm: tuple[float, float] = (2.0, 15.0)
    filum_mm: float = 1.38
    above_end_mm: float = 3.0
    step_mm: float = 1.0


@dataclass(frozen=True)
class WallEndSettings:
    """How walls end.

    Parameters
    ----------
    dura_top, dura_bottom : ``flat`` cut, ``open`` (no cap), or ``sac`` (a tapering sac of `sac_length_mm`, by eye);
        below ``continued`` as well, down to the lowest ganglia.
    conus : how the cord ends below where its tip was drawn: ``round``, as a ``cone``, or as one that goes on as
        ``filum``.
    bulge_mm : a flat cut bulges by this, so that no two caps are coplanar and the cord's lies below the dura's; by eye.
    widest_tip_mm : a cord whose last contour has a larger radius is closed as cut, not as a conus tip; by eye.
    continued_slices : over so many slices with a cord and no dura the dura is continued; by eye.
    """

    dura_top: str = FLAT
    dura_bottom: str = FLAT
    conus: str = ROUND
    sac_length_mm: float = 12.0
    bulge_mm: float = 0.12
    widest_tip_mm: float = 1.6
    continued_slices: int = 3

    def __post_init__(self) -> None:
        for end, known in ((self.dura_top, ENDS), (self.dura_bottom, BOTTOM_ENDS)):
            if end not in known:
                raise SpineRootError(f"'{end}' is no end of the dura ({', '.join(known)})")
        if self.conus not in CONUS_ENDS:
            raise SpineRootError(f"'{self.conus}' is no end of the cord ({', '.join(CONUS_ENDS)})")


@dataclass(frozen=True)
class MeshSettings:
    """Size of the triangles; all by eye, within 150 000 triangles for a model.

    Parameters
    ----------
    edge_mm : longest edge around a wall; `sagitta_mm`, the height of the arc over an edge, shortens it where the wall
        is sharply curved, but not below `shortest_mm`.
    step_mm : longest step along a wall.
    tube_sides, tube_step_mm : corners of a root's cross-section, and its longest step along the root.
    wall_triangles : of dura and cord and of the fluid between them, about; where slices lie so close that there would
        be more, edges around the walls are longer.
    slenderest : in conforming regions a root's triangles are at most so many times as long as wide, so that their
        angles stay above the least one of `CleaningSettings`; by eye.
    """

    edge_mm: float = 0.6
    sagitta_mm: float = 0.008
    shortest_mm: float = 0.12
    step_mm: float = 1.0
    tube_sides: int = 10
    tube_step_mm: float = 1.4
    wall_triangles: int = 102_000
    slenderest: float = 6.0

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
        edges = sum(float(lengths.sum()) for lengths in perimeters) / self.edge_mm
        # two triangles an edge, in the wall and in the fluid, and a quarter more where walls are sharply curved
        factor = max(1.0, 2 * 2 * 1.25 * edges / self.wall_triangles)
        return replace(
            self,
            edge_mm=self.edge_mm * factor,
            sagitta_mm=self.sagitta_mm * factor**2,
            shortest_mm=self.shortest_mm * factor,
        )


@dataclass(frozen=True)
class RootSettings:
    """How thick roots are.

    Parameters
    ----------
    radius_mm : of every root, as in the published models.
    radius_by_segment : overrides it, such as ``{"L1": 0.6}``.
    round_mm : thicker roots are kept apart as if they were no thicker, and are flattened where that is not enough; by
        eye, half of the distance of neighbours in the crowd of the cauda equina.
    """

    radius_mm: float = 0.5
    radius_by_segment: Mapping[str, float] = field(default_factory=dict)
    round_mm: float = 0.6

    def radius(self, root: Root) -> float:
        """The radius of a root, mm."""
        return self.radius_by_segment.get(root.segment, self.radius_mm)


@dataclass(frozen=True)
class ModelSettings:
    """Everything that is tuned in a model.

    Parameters
    ----------
    csf, conforming : whether the fluid, and regions that fill space, are made.
    surroundings : of these regions what lies around the dura and within the cord; None for nothing.
    """

    contours: ContourReadingSettings = ContourReadingSettings()
    walls: WallSmoothingSettings = WallSmoothingSettings()
    ends: WallEndSettings = WallEndSettings()
    continued: ContinuedSacSettings = ContinuedSacSettings()
    conus: ConusSettings = ConusSettings()
    mesh: MeshSettings = MeshSettings()
    roots: RootSettings = field(default_factory=RootSettings)
    radius_measurement: RadiusMeasurementSettings = RadiusMeasurementSettings()
    centrelines: CentrelineSettings = CentrelineSettings()
    solver: SolverSettings = SolverSettings()
    clearance: ClearanceSettings = ClearanceSettings()
    emergences: EmergenceSettings = EmergenceSettings()
    exits: ExitSettings = ExitSettings()
    separation: SeparationSettings = SeparationSettings()
    bends: BendSettings = BendSettings()
    flattening: FlatteningSettings = FlatteningSettings()
    conflicts: ConflictSettings = ConflictSettings()
    cleaning: CleaningSettings = CleaningSettings()
    crumbs: CrumbSettings = CrumbSettings()
    csf: bool = True
    conforming: bool = False
    surroundings: SurroundingsSettings | None = None
