"""Two ways of guessing what was not clicked: the tracer, and interpolation that never looks at the image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, closed_curve
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tracing import ContourProposal, PointProposal, Tracer

Places = NDArray[np.float64]
_ANGLES = 2 * np.pi * np.arange(24) / 24


class Guesses(Protocol):
    """A way of guessing."""

    def contour_clicks(self, seeds: Mapping[int, Places]) -> int:
        """Clicks for the contours with which it starts."""

    def contours(self, structure: str, inner: Mapping[int, Places], seeds: Mapping[int, Places]) -> dict[int, Places]:
        """Control points by slice, from inner clicks or from whole contours on some slices."""

    def roots(self, work: Annotation, contours: Mapping[str, Mapping[int, Places]]) -> dict[Root, dict[int, Places]]:
        """Points by root and slice, between those of the annotation."""

    def snapped(self, click: Places) -> Places:
        """Where a click for a root goes."""


class ByTracer:
    """Proposals on: one inner click is a contour."""

    def __init__(self, tracer: Tracer):
        self.tracer = tracer

    def contour_clicks(self, seeds: Mapping[int, Places]) -> int:
        return len(seeds)

    def contours(self, structure: str, inner: Mapping[int, Places], seeds: Mapping[int, Places]) -> dict[int, Places]:
        del seeds
        proposals = self.tracer.propose_contours(structure, clicks=inner)
        return {each.slice: each.points for each in proposals if each.slice is not None and each.points is not None}

    def roots(self, work: Annotation, contours: Mapping[str, Mapping[int, Places]]) -> dict[Root, dict[int, Places]]:
        return {
            root: {each.slice: each.position for each in points if each.slice is not None and each.position is not None}
            for root, points in self.proposals(work, contours).items()
        }

    def proposals(
        self, work: Annotation, contours: Mapping[str, Mapping[int, Places]]
    ) -> dict[Root, list[PointProposal]]:
        """The proposals as they are, with their confidence."""
        around = {
            structure: {number: ContourProposal(points) for number, points in each.items()}
            for structure, each in contours.items()
        }
        return self.tracer.propose_roots(work, surroundings=around)

    def snapped(self, click: Places) -> Places:
        found = self.tracer.snap(click, radius_mm=0.45)
        return click if found.position is None else found.position


class ByInterpolation:
    """Proposals off: contours are drawn whole on the seeds' slices, all else is interpolated from slice to slice.

    The dura goes on unchanged below the last one.
    """

    def __init__(self, planes: SlicePlanes):
        self.planes = planes

    def contour_clicks(self, seeds: Mapping[int, Places]) -> int:
        return sum(len(points) for points in seeds.values())

    def contours(self, structure: str, inner: Mapping[int, Places], seeds: Mapping[int, Places]) -> dict[int, Places]:
        del inner
        numbers = sorted(seeds)
        last = self.planes.count if structure == DURA else numbers[-1]
        shapes = np.array([_at_angles(self.planes.flatten(closed_curve(seeds[number]))) for number in numbers])
        between = np.arange(numbers[0], last + 1)
        course = PchipInterpolator(numbers, shapes)(np.clip(between, numbers[0], numbers[-1]))
        return {int(number): self.planes.lift(flat, number) for number, flat in zip(between, course, strict=True)}

    def roots(self, work: Annotation, contours: Mapping[str, Mapping[int, Places]]) -> dict[Root, dict[int, Places]]:
        del contours
        found = {}
        for root in work.roots:
            known = work.root_by_slice(root)
            numbers = sorted(known)
            between = np.arange(numbers[0], numbers[-1] + 1)
            course = PchipInterpolator(numbers, [known[number] for number in numbers])(between)
            found[root] = {int(number): place for number, place in zip(between, course, strict=True)}
        return found

    def snapped(self, click: Places) -> Places:
        return click


def _at_angles(curve: Places) -> Places:
    """A closed curve, (n, 2), at 24 equal angles about its centre."""
    middle = centroid(curve)
    away = curve - middle
    angle = np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi)
    order = np.argsort(angle)
    radius = np.interp(_ANGLES, angle[order], np.linalg.norm(away, axis=1)[order], period=2 * np.pi)
    return middle + radius[:, None] * np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
