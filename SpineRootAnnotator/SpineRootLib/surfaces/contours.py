"""Contours as annotators leave them, made fit for a wall where the intent is plain, refused where it is not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import self_crossings, signed_area
from SpineRootLib.errors import MarkupsFileError
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.frames import Points
from SpineRootLib.surfaces.rings import RING_POINTS, RingStack, canonical_contour, ring_areas, ring_of
from SpineRootLib.surfaces.settings import ContourReadingSettings


@dataclass
class ContourReader:
    """Turns the contours of one structure into rings; what it had to repair becomes findings."""

    annotation: Annotation
    structure: str
    settings: ContourReadingSettings = ContourReadingSettings()
    findings: list[Finding] = field(default_factory=list)

    def rings(self) -> RingStack:
        """The rings of the annotated slices, cranial to caudal.

        Raises
        ------
        MarkupsFileError
            for a contour whose intent is not plain, with its file's name.
        """
        planes = self.annotation.require_planes()
        by_slice: dict[int, list[tuple[str, NDArray[np.float64]]]] = {}
        for contour in self.annotation.contours[self.structure]:
            number = planes.number_of_contour(contour.points)
            source = contour.source or f"{self.structure} on slice {number}"
            by_slice.setdefault(number, []).append((source, self._ring(contour.points, source, number)))
        numbers = sorted(by_slice)
        rings = [self._one_of(by_slice[number], number) for number in numbers]
        self._tell_gaps(numbers)
        return RingStack(np.array(numbers, dtype=np.float64), np.array(rings).reshape(-1, RING_POINTS, 2))

    def _ring(self, drawn: Points, source: str, number: int) -> NDArray[np.float64]:
        flat = self.annotation.require_planes().flatten(drawn)
        points = canonical_contour(flat)
        if len(points) < len(flat):
            count = len(flat) - len(points)
            dropped = "1 repeated point was dropped" if count == 1 else f"{count} repeated points were dropped"
            self._say(Severity.INFO, f"{source}: {dropped}", number)
        if len(points) < 3:
            raise MarkupsFileError(f"has {len(points)} different points, at least 3 are needed", source)
        points = self._uncrossed(points, source, number)
        if abs(signed_area(points)) < self.settings.least_area_mm2:
            raise MarkupsFileError("encloses no area: its points lie on a line", source)
        ring = ring_of(points)
        if _crossings(ring[::4]):
            ring = self._without_loops(points, source)
            self._say(Severity.WARNING, f"{source}: the curve looped; the point that made it loop was dropped", number)
        return ring

    def _uncrossed(self, points: NDArray[np.float64], source: str, number: int) -> NDArray[np.float64]:
        """Points in an order without crossings: a short stretch that was listed backwards is turned round."""
        count = len(points)
        for _ in range(self.settings.uncrossings):
            crossings = _crossings(points)
            if not crossings:
                return canonical_contour(points)
            loop, start, end = min((min(j - i, count - j + i), i, j) for i, j in crossings)
            if loop > max(2, self.settings.longest_loop * count):
                break
            points = np.concatenate([points[: start + 1], points[start + 1 : end + 1][::-1], points[end + 1 :]])
            self._say(Severity.WARNING, f"{source}: the contour crossed itself; its points were put in order", number)
        raise MarkupsFileError("crosses itself so that its outline is not plain", source)

    def _without_loops(self, points: NDArray[np.float64], source: str) -> NDArray[np.float64]:
        """The ring without the control point whose absence lets the curve run without a loop at the least cost."""
        options = []
        for index in range(len(points) if len(points) > 4 else 0):
            ring = ring_of(np.delete(points, index, axis=0))
            if not _crossings(ring[::4]):
                options.append((abs(float(ring_areas(ring[None])[0]) - abs(signed_area(points))), index, ring))
        if not options:
            raise MarkupsFileError("crosses itself so that its outline is not plain", source)
        return min(options, key=lambda option: option[:2])[2]

    def _one_of(self, drawn: list[tuple[str, NDArray[np.float64]]], number: int) -> NDArray[np.float64]:
        """The ring of a slice; of several that nearly agree the mean."""
        if len(drawn) == 1:
            return drawn[0][1]
        sources = sorted(source for source, _ in drawn)
        rings = np.array(sorted((ring.tolist() for _, ring in drawn)))
        areas = ring_areas(rings)
        apart = float(np.linalg.norm(rings - rings.mean(axis=0), axis=2).max())
        if areas.max() > (1 + self.settings.same_area) * areas.min() or apart > self.settings.same_place_mm:
            raise MarkupsFileError(f"lies on slice {number} as {sources[0]} does, and they differ", sources[-1])
        self._say(Severity.WARNING, f"{' and '.join(sources)} lie on one slice; their mean was taken", number)
        return np.asarray(rings.mean(axis=0))

    def _tell_gaps(self, numbers: list[int]) -> None:
        for before, after in zip(numbers, numbers[1:], strict=False):
            if after - before > 1:
                missing = f"slice {before + 1}" if after - before == 2 else f"slices {before + 1}-{after - 1}"
                self._say(Severity.INFO, f"no {self.structure} on {missing}; it was interpolated", before + 1)

    def _say(self, severity: Severity, message: str, number: int) -> None:
        self.findings.append(Finding(severity, "surface-contour", message, self.structure, slice=number))


def _crossings(polygon: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of edges that cross; none, at once, where the polygon turns one way about its middle."""
    spoke = polygon - polygon.mean(axis=0)
    ahead = np.roll(spoke, -1, axis=0)
    turn = spoke[:, 0] * ahead[:, 1] - spoke[:, 1] * ahead[:, 0]
    swept = np.arctan2(turn, np.einsum("nd,nd->n", spoke, ahead))
    if np.all(turn > 0) and abs(swept.sum() - 2 * np.pi) < 1e-6:
        return []
    return [(int(i), int(j)) for i, j in np.sort(self_crossings(polygon), axis=1)]
