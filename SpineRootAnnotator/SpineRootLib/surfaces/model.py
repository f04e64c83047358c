"""From one annotation to the surfaces of a subject."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, CSF, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.blas_threads import one_blas_thread
from SpineRootLib.curves import distance_to_line
from SpineRootLib.errors import GeometryError, MissingExtraError
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.frames import Points
from SpineRootLib.images import Image
from SpineRootLib.progress import Progress, report
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces.conforming import regions
from SpineRootLib.surfaces.continued_sac import LoftedSac
from SpineRootLib.surfaces.crumbs import Joined, pieces_of
from SpineRootLib.surfaces.cutting import Around
from SpineRootLib.surfaces.interface_cleaning import worst_of
from SpineRootLib.surfaces.lead_surfaces import PlacedLead
from SpineRootLib.surfaces.loft import LoftedWall
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.root_radius import MeasuredRadius, measure_radii
from SpineRootLib.surfaces.root_report import conflicts_report, points_report, root_report
from SpineRootLib.surfaces.roots import RootTube, obstacle_walls, root_part, root_tubes
from SpineRootLib.surfaces.settings import CONTINUED, ModelSettings
from SpineRootLib.surfaces.solids import difference
from SpineRootLib.surfaces.surroundings import SurroundingsBuilder
from SpineRootLib.surfaces.surroundings_settings import SurroundingsSettings
from SpineRootLib.surfaces.tube import without_needles
from SpineRootLib.surfaces.walls import WallBuilder

# A root through fewer points is hardly what was meant.
_FEW_POINTS = 3
# A point may pass its limit by this much without a word.
_NOTEWORTHY_MM = 0.05


@dataclass
class Model:
    """The surfaces of a subject.

    Parameters
    ----------
    parts : by name, ``dura``, ``cord``, ``csf``, ``nerveroots_L1_L`` ..., the surfaces.
    regions : with `ModelSettings.conforming` the closed pieces that fill space, by name.
    centrelines : by root, (n, 3) RAS mm from the cord to the ganglion.
    findings : what was repaired, left out or could not be done.
    lead : in the surroundings, where it was asked for.
    report : what ``sub-XX_model.json`` says, but for the files.
    """

    subject: str
    parts: dict[str, Surface] = field(default_factory=dict)
    regions: dict[str, Surface] = field(default_factory=dict)
    centrelines: dict[Root, Points] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lead: PlacedLead | None = None
    report: dict[str, Any] = field(default_factory=dict)


@one_blas_thread()
def build_model(
    annotation: Annotation,
    settings: ModelSettings | None = None,
    progress: Progress | None = None,
    image: Image | None = None,
) -> Model:
    """Surfaces of what is annotated.

    Parameters
    ----------
    image : the CISS image; where it is given the radius of each root is measured in it.

    Raises
    ------
    GeometryError
        if the slices are not known, the contours do not fit together, or there is nothing to build from.
    MarkupsFileError
        for a contour whose intent is not plain.
    MissingExtraError
        if conforming regions are asked for without the library that they need.
    Cancelled
        if the progress callback asks to stop.
    """
    building = _Building(annotation, settings or ModelSettings(), image)
    stages: list[tuple[str, Callable[[], None]]] = [("walls", building.walls), ("roots", building.roots)]
    stages += [("csf", building.csf)] * building.settings.csf
    stages += [("regions", building.regions)] * building.settings.conforming
    if building.settings.surroundings is not None and not building.settings.conforming:
        stages.append(("lead", building.lead))
    seconds: dict[str, float] = {}
    for index, (name, stage) in enumerate(stages):
        report(progress, index / len(stages), name)
        start = time.perf_counter()
        stage()
        seconds[name] = round(time.perf_counter() - start, 4)
    model = building.model
    if not model.parts:
        raise GeometryError(f"sub-{annotation.subject} has nothing to build a surface from")
    if uncertain := _uncertainty(annotation):
        model.report["annotation_uncertainty"] = uncertain
    model.report["findings"] = [_finding_document(finding) for finding in model.findings]
    model.report["seconds"] = seconds
    report(progress, 1.0, "model")
    return model


def _uncertainty(annotation: Annotation) -> dict[str, dict[str, float]]:
    """By structure how uncertain the annotation is, where a weighted consensus told it: standard errors in mm."""
    names = [*CONTOUR_STRUCTURES, *(root_part(root) for root in annotation.roots)]
    known = {name: annotation.provenance.uncertainty(name) for name in names}
    return {
        name: {"mean_mm": round(sum(values) / len(values), 4), "max_mm": round(max(values), 4)}
        for name, values in known.items()
        if values
    }


class _Building:
    """The stages of a model."""

    def __init__(self, annotation: Annotation, settings: ModelSettings, image: Image | None) -> None:
        self.annotation, self.settings, self.image = annotation, settings, image
        self.planes = annotation.require_planes()
        self.model = Model(annotation.subject)
        self.built: dict[str, LoftedWall] = {}
        self.continued = False

    def walls(self) -> None:
        """Dura and cord."""
        builder = WallBuilder(self.annotation, self.settings, self.model.findings)
        self.built = builder.build()
        self.continued = builder.modelled_from is not None
        for structure, number in ((DURA, builder.modelled_from), (CORD, builder.conus_from)):
            if number is not None:
                self.model.report[f"{structure}_modelled"] = self._modelled(self.built[structure], number)
        self.model.parts.update({name: each.surface for name, each in self.built.items()})

    def _modelled(self, wall: LoftedWall, number: float) -> dict[str, Any]:
        """What a report says of a wall that was modelled from a slice on."""
        origin = self.planes.lift(wall.stack.ring_at(number).mean(axis=0)[None], number)[0]
        down = (wall.closed.vertices - origin) @ self.planes.down
        return {
            "from_slice": int(number),
            "from_ras": origin.round(4).tolist(),
            "downwards_ras": self.planes.down.round(6).tolist(),
            "length_mm": round(float(down.max()), 2),
        }

    def roots(self) -> None:
        """All roots, clear of each other and of the walls."""
        measured: dict[Root, MeasuredRadius] = {}
        if self.image is not None:
            measured = measure_radii(self.annotation, self.image, self.settings.radius_measurement)
        radii = {root: self.settings.roots.radius(root) for root in self.annotation.roots}
        radii |= {root: each.radius_mm for root, each in measured.items()}
        walls = obstacle_walls(self.planes, self.built)
        sac = LoftedSac(self.built[DURA].stack, self.planes, self.settings.continued) if self.continued else None
        tubes, obstacles = root_tubes(self.annotation, self.built.get(CORD), walls, radii, self.settings, sac)
        for item in tubes:
            self.model.centrelines[item.root] = item.nodes
            self.model.parts[root_part(item.root)] = item.surface
            if CORD in self.built and not item.chain.emerges:
                self._say(Severity.INFO, f"{item.root} does not begin at the cord: it starts freely", ROOTS, item.root)
            self._tell_unusual(item)
        self._tell_ends(tubes)
        self._tell_narrow(tubes)
        self._tell_missing()
        self.model.report["roots"] = root_report(tubes, self.planes, measured)
        self.model.report["points"] = points_report(tubes)
        self.model.report["conflicts"] = conflicts_report(obstacles, tubes, self.settings.mesh.tube_sides, self.planes)

    def csf(self) -> None:
        """What is left of the dural sac; without the library for it, said and left out."""
        if DURA not in self.built:
            return
        others = [surface for name, surface in self.model.parts.items() if name != DURA]
        try:
            self.model.parts[CSF] = difference(self.built[DURA].closed, others)
        except MissingExtraError as error:
            self._say(Severity.WARNING, str(error), CSF)

    def regions(self) -> None:
        """The pieces that fill space, each with its label."""
        self._require_dura("the conforming set")
        cord = None if CORD not in self.built else self.built[CORD].closed
        roots = {}
        for part in map(root_part, sorted(self.model.centrelines)):
            mesh = self.settings.mesh
            roots[part] = without_needles(self.model.parts[part], mesh.tube_sides, mesh.slenderest)
        joined: list[Joined] = []
        dura, settings, around = self.built[DURA].closed, self.settings, self._around()
        self.model.regions = regions(dura, cord, roots, settings.cleaning, settings.crumbs, joined, around)
        self._tell_slivers()
        self._tell_pieces(joined)
        self.model.report["labels"] = {name: region_of(name).number for name in self.model.regions}

    def lead(self) -> None:
        """The lead on the dura, without what else lies around that."""
        if self.settings.surroundings is not None:
            self._require_dura("a lead")
            self.model.lead = self._builder(self.settings.surroundings).lead()

    def _around(self) -> Around | None:
        """What lies around the dura and within the cord, if that is asked for."""
        wanted = self.settings.surroundings
        if wanted is None:
            return None
        builder = self._builder(wanted)
        self.model.lead = builder.lead()
        self.model.report["surroundings"] = builder.report()
        if left_out := builder.grey_left_out():
            self._say(*left_out, CORD)
        return builder.around(self.model.lead)

    def _builder(self, wanted: SurroundingsSettings) -> SurroundingsBuilder:
        starts = {root: nodes[0] for root, nodes in self.model.centrelines.items()}
        walls, settings = (self.built, self.planes), self.settings
        return SurroundingsBuilder(*walls, settings.ends, self.continued, settings.mesh, starts, wanted)

    def _require_dura(self, what: str) -> None:
        if DURA not in self.built:
            raise GeometryError(f"sub-{self.annotation.subject} has no dura, which {what} needs")

    def _tell_slivers(self) -> None:
        """The regions in which a mesher may stumble over a triangle that nothing could mend."""
        wanted = self.settings.cleaning
        for name, surface in self.model.regions.items():
            angle, edge = worst_of(surface.corners)
            count = int(((angle < wanted.least_angle_deg) | (edge < wanted.shortest_mm)).sum())
            if count:
                message = f"region {name}: {count} triangles are slivers, the sharpest of {angle.min():.1f} degrees"
                self._say(Severity.WARNING, message, "")

    def _tell_pieces(self, joined: list[Joined]) -> None:
        """What roots that run through each other made of regions."""
        for name in dict.fromkeys(each.region for each in joined):
            own = [each for each in joined if each.region == name]
            others, volume = sorted({each.to for each in own}), sum(each.volume_mm3 for each in own)
            what = f"{len(own)} crumbs" if len(own) > 1 else "a crumb"
            message = f"region {name}: {what} of {volume:.3f} mm3, cut off by neighbours, went to {', '.join(others)}"
            self._say(Severity.INFO, message, "")
        for name, surface in self.model.regions.items():
            count = sum(volume > 0 for _part, volume in pieces_of(surface.vertices, surface.triangles))
            if count > 1:
                message = f"region {name} lies in {count} pieces: another surface runs through it"
                self._say(Severity.WARNING, message, "")

    def _tell_unusual(self, item: RootTube) -> None:
        """What an annotator may not have meant, though a root can be built from it."""
        points = item.chain.points
        if len(points) < _FEW_POINTS:
            count = "1 point" if len(points) == 1 else f"{len(points)} points"
            self._say(Severity.WARNING, f"{item.root} is built from {count} only", ROOTS, item.root)
        away = distance_to_line(points, item.nodes)
        for index in np.flatnonzero(away > self.settings.centrelines.utmost_mm + _NOTEWORTHY_MM).tolist():
            number = int(self.planes.number(points[index])[0])
            message = (
                f"{item.root} passes its point on slice {number} at {away[index]:.2f} mm: it would fold to reach it"
            )
            self._say(Severity.WARNING, message, ROOTS, item.root)
        if item.chain.ends and self.planes.depth(item.nodes[-1:])[0] < self.planes.depth(points[-1:])[0]:
            self._say(Severity.WARNING, f"the ganglion of {item.root} lies above its last point", GANGLIA, item.root)

    def _tell_ends(self, tubes: list[RootTube]) -> None:
        """Roots that leave through an end of the dura that the scan's end made: there they leave no sac."""
        through = [str(item.root) for item in tubes if item.leaves is not None and not item.leaves.through_side]
        if through:
            message = (
                f"through the lower end of the dura, which the scan made, leave {', '.join(through)}: "
                f"the end '{CONTINUED}' carries dura and roots on to the ganglia"
            )
            self._say(Severity.WARNING, message, DURA)

    def _tell_narrow(self, tubes: list[RootTube]) -> None:
        """Roots that are pressed flat though they are thin, and those that have less than their area however flat."""
        for item in tubes:
            if item.flat.any() and item.radius <= self.settings.roots.round_mm:
                numbers = self.planes.number(item.nodes[item.flat])
                message = (
                    f"{item.root} is flattened between slices {int(numbers.min())} and {int(numbers.max())}: a round "
                    "one would come nearer to what is beside it than the clearance"
                )
                self._say(Severity.WARNING, message, ROOTS, item.root)
            share = item.areas / self.settings.flattening.noteworthy
            if share.min() < 1.0:
                number = int(self.planes.number(item.nodes[int(np.argmin(share))])[0])
                message = (
                    f"{item.root} has {100 * item.areas.min():.0f} % of its cross-section on slice {number}, and less "
                    f"than {100 * self.settings.flattening.noteworthy:.0f} % along {100 * (share < 1).mean():.0f} % of "
                    "its length: even flattened it finds no more room"
                )
                self.model.findings.append(Finding(Severity.INFO, "surface", message, ROOTS, item.root, number))

    def _tell_missing(self) -> None:
        for root, points in sorted(self.annotation.roots.items()):
            if root not in self.model.centrelines:
                end = "no ganglion" if root not in self.annotation.ganglia else "its ganglion in the same place"
                self._say(Severity.WARNING, f"{len(points)} point of {root} and {end} make no root", "", root)
        for missing in self.annotation.missing():
            self._say(Severity.INFO, f"{missing} in the annotation", "")

    def _say(self, severity: Severity, message: str, structure: str, root: Root | None = None) -> None:
        self.model.findings.append(Finding(severity, "surface", message, structure, root))


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "message": finding.message,
        "structure": finding.structure,
        "root": None if finding.root is None else str(finding.root),
        "slice": finding.slice,
    }
