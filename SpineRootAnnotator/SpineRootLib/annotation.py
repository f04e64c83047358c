"""One subject's annotation by one annotator: the object of which files and MRML nodes are views."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, DEFAULT_SEGMENTS, DURA, Root, all_roots
from SpineRootLib.curves import closed_curve
from SpineRootLib.errors import GeometryError, SpineRootError
from SpineRootLib.findings import Finding
from SpineRootLib.frames import Points, as_points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.provenance import Provenance
from SpineRootLib.translation import _


@dataclass(frozen=True, eq=False)
class Contour:
    """The control points of one closed curve on one slice, (n, 3) RAS mm, and the name of the file they came from."""

    points: Points
    source: str = ""

    def curve(self) -> Points:
        """Points of the curve that Slicer draws, (10 n, 3)."""
        return closed_curve(self.points)


@dataclass
class Annotation:
    """What one annotator, or the consensus, marked in one subject.

    Parameters
    ----------
    subject : the label without ``sub-``.
    annotator : None for the consensus.
    planes : the CISS slices; None where nothing tells them.
    contours : for ``dura`` and ``cord`` the curves in the order of their files.
    roots : the points of each root, (n, 3) RAS mm, in the order of the file.
    ganglia : the point of each ganglion, (3,).
    segments : the levels that are annotated in this study.
    findings : what disagreed while reading; nothing of it was fatal.
    """

    subject: str
    annotator: str | None = None
    planes: SlicePlanes | None = None
    contours: dict[str, list[Contour]] = field(default_factory=lambda: {name: [] for name in CONTOUR_STRUCTURES})
    roots: dict[Root, Points] = field(default_factory=dict)
    ganglia: dict[Root, NDArray[np.float64]] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    findings: list[Finding] = field(default_factory=list)

    @property
    def dura(self) -> list[Contour]:
        """The contours of the dura."""
        return self.contours[DURA]

    @property
    def cord(self) -> list[Contour]:
        """The contours of the cord."""
        return self.contours[CORD]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is marked."""
        return not (self.roots or self.ganglia or any(self.contours.values()))

    def expected_roots(self) -> tuple[Root, ...]:
        """Every root that a complete annotation has."""
        return all_roots(self.segments)

    def require_planes(self) -> SlicePlanes:
        """The slice planes.

        Raises
        ------
        GeometryError
            if nothing tells them.
        """
        if self.planes is None:
            raise GeometryError(
                _("the slices of sub-{subject} are not known: give the CISS image").format(subject=self.subject)
            )
        return self.planes

    def contours_by_slice(self, structure: str) -> dict[int, Contour]:
        """The contours by slice number, cranial to caudal; of several on one slice the first."""
        planes = self.require_planes()
        found: dict[int, Contour] = {}
        for contour in self.contours[structure]:
            found.setdefault(planes.number_of_contour(contour.points), contour)
        return dict(sorted(found.items()))

    def set_contour(self, structure: str, number: int, points: ArrayLike | None) -> None:
        """Put the control points, (n, 3), of a contour on a slice in place of what is there; None removes it."""
        planes = self.require_planes()
        kept = [c for c in self.contours[structure] if planes.number_of_contour(c.points) != number]
        if points is not None:
            kept.append(Contour(as_points(points).copy()))
        self.contours[structure] = sorted(kept, key=lambda c: planes.number_of_contour(c.points))

    def root_descending(self, root: Root) -> Points:
        """The points of a root from cranial to caudal, (n, 3); (0, 3) where it is not annotated."""
        points = self.roots.get(root)
        if points is None:
            return np.empty((0, 3))
        return points[np.argsort(self.require_planes().depth(points), kind="stable")]

    def root_by_slice(self, root: Root) -> dict[int, NDArray[np.float64]]:
        """The point, (3,), of a root by slice number; several on one slice give their mean."""
        points = self.root_descending(root)
        numbers = self.require_planes().number(points)
        return {int(number): points[numbers == number].mean(axis=0) for number in np.unique(numbers)}

    def set_root_point(self, root: Root, number: int, point: ArrayLike | None) -> None:
        """Put a root's point, (3,), on a slice in place of what is there; None removes it."""
        planes = self.require_planes()
        points = self.root_descending(root)
        points = points[planes.number(points) != number]
        if point is not None:
            points = np.vstack([points, as_points(point)])
            points = points[np.argsort(planes.depth(points), kind="stable")]
        if len(points):
            self.roots[root] = points
        else:
            self.roots.pop(root, None)

    def set_ganglion(self, root: Root, point: ArrayLike | None) -> None:
        """Put a ganglion, (3,); None removes it."""
        if point is None:
            self.ganglia.pop(root, None)
        else:
            self.ganglia[root] = as_points(point)[0].copy()

    def missing(self) -> Iterator[str]:
        """What a complete annotation would have and this one lacks, as short phrases."""
        for structure in CONTOUR_STRUCTURES:
            if not self.contours[structure]:
                yield _("no {structure}").format(structure=structure)
        for name, marked in (("root", self.roots), ("ganglion", self.ganglia)):
            lacking = [root for root in self.expected_roots() if root not in marked]
            if lacking:
                yield _("no {name} {listing}").format(name=name, listing=_listing(lacking))

    def guess_planes(self) -> SlicePlanes | None:
        """The planes as far as the sidecar, the contours or the roots tell them."""
        return self.provenance.planes() or planes_of([self])


def planes_of(annotations: Sequence[Annotation]) -> SlicePlanes | None:
    """Slice planes found from the contours of several annotations of one subject together, else from their roots."""
    pooled = [contour.points for annotation in annotations for each in annotation.contours.values() for contour in each]
    with contextlib.suppress(SpineRootError):
        return SlicePlanes.from_contours(pooled)
    with contextlib.suppress(SpineRootError):
        return SlicePlanes.from_roots(points for annotation in annotations for points in annotation.roots.values())
    return None


def _listing(roots: Sequence[Root]) -> str:
    return ", ".join(map(str, roots))
