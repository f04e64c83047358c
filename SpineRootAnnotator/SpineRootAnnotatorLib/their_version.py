"""Taking over what somebody else wrote into a file of ours: an edit like any other, so that it can be undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from SpineRootAnnotatorLib.history import Edit, Step
from SpineRootAnnotatorLib.marks import Mark, Place, read_mark
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.markups import read_markup
from SpineRootLib.naming import MarkupsName


def step_to(annotation: Annotation, name: MarkupsName, path: Path) -> Step:
    """The edits that turn a structure into what a file holds.

    Parameters
    ----------
    name : which structure it is.
    path : the file, under whatever name.

    Raises
    ------
    MarkupsFileError
        if the file cannot be read.
    """
    points = read_markup(path).points
    edits = []
    for place, theirs in _places(annotation, name, points).items():
        before = read_mark(annotation, place)
        if before is None or not np.array_equal(before.points, theirs):
            edits.append(Edit(place, before, Mark(theirs) if len(theirs) else None))
    return Step(tuple(edits))


def _places(annotation: Annotation, name: MarkupsName, points: Points) -> dict[Place, Points]:
    if name.structure == GANGLIA:
        return {Place(GANGLIA, root=name.root): points[:1]}
    planes = annotation.require_planes()
    if name.structure != ROOTS:
        number = planes.number_of_contour(points) if len(points) else name.number
        return {Place(name.structure, number): points}
    assert name.root is not None
    numbers = planes.number(points)
    ours = planes.number(annotation.root_descending(name.root))
    every = sorted({*numbers.tolist(), *ours.tolist()})
    return {Place(ROOTS, number, name.root): points[numbers == number] for number in every}
