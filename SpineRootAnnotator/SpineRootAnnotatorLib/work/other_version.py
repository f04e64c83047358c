"""Taking over what somebody else wrote into a file of ours: an edit like any other, so that it can be undone."""

from __future__ import annotations

import numpy as np

from SpineRootAnnotatorLib.work.autosave import FileConflict
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.marks import Mark, read_mark
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.markups import read_markup
from SpineRootLib.naming import MarkupsName, parse_markups_name
from SpineRootLib.place import Place


def their_step(annotation: Annotation, conflict: FileConflict) -> Step | None:
    """The edits that turn our structure into what somebody else wrote; None where nothing differs.

    Raises
    ------
    MarkupsFileError
        if their file cannot be read.
    """
    name = parse_markups_name(conflict.path.name, annotation.segments)
    if name is None:
        return None
    points = read_markup(conflict.kept).points
    edits = []
    for place, theirs in _places(annotation, name, points).items():
        before = read_mark(annotation, place)
        if before is None or not np.array_equal(before.points, theirs):
            edits.append(Edit(place, before, Mark(theirs) if len(theirs) else None))
    return Step(tuple(edits)) if edits else None


def _places(annotation: Annotation, name: MarkupsName, points: Points) -> dict[Place, Points]:
    if name.structure == GANGLIA:
        return {Place(GANGLIA, root=name.root): points[:1]}
    planes = annotation.require_planes()
    if name.structure != ROOTS:
        number = planes.number_of_contour(points) if len(points) else name.number
        return {Place(name.structure, slice=number): points}
    assert name.root is not None
    numbers = planes.number(points)
    ours = planes.number(annotation.root_descending(name.root))
    every = sorted({*numbers.tolist(), *ours.tolist()})
    return {Place(ROOTS, name.root, number): points[numbers == number] for number in every}
