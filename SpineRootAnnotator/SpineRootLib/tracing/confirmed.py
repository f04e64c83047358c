"""What an annotation says, on the slices of the tracer's image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.proposals import ContourProposal
from SpineRootLib.tracing.slices import Flat


@dataclass(frozen=True, eq=False)
class ConfirmedWalls:
    """Dura and cord as far as they are known, by slice number, from confirmed contours or proposals."""

    dura: Mapping[int, Outline]
    cord: Mapping[int, Outline]


def confirmed_points(annotation: Annotation, planes: SlicePlanes) -> dict[Root, dict[int, Flat]]:
    """Confirmed root points, (2,) in-plane mm, by root and slice; those beyond the image are left out."""
    found: dict[Root, dict[int, Flat]] = {}
    for root, points in annotation.roots.items():
        numbers, flat = planes.number(points), planes.flatten(points)
        inside = [int(number) for number in np.unique(numbers) if 1 <= number <= planes.count]
        found[root] = {number: flat[numbers == number].mean(axis=0) for number in inside}
    return found


def confirmed_outlines(annotation: Annotation, structure: str, planes: SlicePlanes) -> dict[int, Outline]:
    """Confirmed contours by slice."""
    return {
        planes.number_of_contour(contour.points): _outline(contour.curve(), planes)
        for contour in annotation.contours[structure]
    }


def surroundings(
    annotation: Annotation, proposed: Mapping[str, Mapping[int, ContourProposal]], planes: SlicePlanes
) -> ConfirmedWalls:
    """Dura and cord, confirmed or else proposed."""
    known: dict[str, dict[int, Outline]] = {}
    for structure in CONTOUR_STRUCTURES:
        known[structure] = {
            number: _outline(closed_curve(proposal.points, 4), planes)
            for number, proposal in proposed.get(structure, {}).items()
            if proposal.points is not None
        }
        known[structure].update(confirmed_outlines(annotation, structure, planes))
    return ConfirmedWalls(known[DURA], known[CORD])


def _outline(curve: Points, planes: SlicePlanes) -> Outline:
    return Outline(planes.flatten(curve), np.ones(len(curve)))
