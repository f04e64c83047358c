"""What can be marked in one place, and how it is read from and written into an annotation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points, as_points
from SpineRootLib.place import Place
from SpineRootLib.provenance import PLACED, PROPOSED

UNCERTAIN, SKIPPED = "uncertain", "skipped"
# A contour of fewer points is not whole yet: no reader could do anything with its file, so the sidecar keeps it.
FEWEST_OF_CONTOUR = 3
_DRAFTS = "Drafts"
_LABEL_MAP = "LabelMap"


@dataclass(frozen=True, eq=False)
class Mark:
    """What is marked in a place.

    Parameters
    ----------
    points : (n, 3) RAS mm; none for a place that is skipped.
    record : what the sidecar says of it: ``Origin``, ``Flags``, ``Remark``.
    """

    points: Points
    record: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, points: ArrayLike, origin: str = PLACED) -> Mark:
        """A mark made now."""
        return cls(as_points(points).copy(), {"Origin": origin})

    @classmethod
    def skipped(cls, reason: str) -> Mark:
        """The statement that nothing can be marked there."""
        return cls(np.empty((0, 3)), {"Flags": [SKIPPED], "Remark": reason})

    @property
    def origin(self) -> str | None:
        """How it came to be; None where nobody recorded it."""
        return self.record.get("Origin")

    @property
    def flags(self) -> tuple[str, ...]:
        """``uncertain``, ``skipped``."""
        return tuple(self.record.get("Flags", ()))

    @property
    def is_proposed(self) -> bool:
        """Whether a program put it there and nobody has confirmed it."""
        return PROPOSED in self.flags

    def instead_of(self, before: Mark | None) -> Mark:
        """The same mark, which remembers the label map that what was proposed there came from."""
        if before is None or not before.is_proposed or _LABEL_MAP not in before.record:
            return self
        return replace(self, record={**self.record, _LABEL_MAP: before.record[_LABEL_MAP]})

    def moved(self, points: ArrayLike, origin: str) -> Mark:
        """The same mark with other points: its flags and remark stay."""
        return replace(self, points=as_points(points).copy(), record={**self.record, "Origin": origin})

    def flagged(self, flag: str, on: bool, remark: str = "") -> Mark:
        """The same mark with a flag set or taken away."""
        record = {key: value for key, value in self.record.items() if key not in ("Flags", "Remark")}
        flags = [each for each in self.flags if each != flag] + ([flag] if on else [])
        if flags:
            record["Flags"] = flags
        if on and remark:
            record["Remark"] = remark
        return replace(self, record=record)


def read_mark(annotation: Annotation, place: Place) -> Mark | None:
    """What is marked in a place; None for nothing. A contour of fewer than three points is one in the making."""
    record = annotation.provenance.at(place)
    points = _points_in(annotation, place)
    if not len(points) and not record:
        return None
    return Mark(points, dict(record))


def proposed_marks(annotation: Annotation) -> Iterator[tuple[Place, Mark]]:
    """What a program put into the files and nobody has confirmed: a label map's, or another run's proposals."""
    for place in _places(annotation):
        if annotation.provenance.is_proposed(place) and (mark := read_mark(annotation, place)) is not None:
            yield place, mark


def _places(annotation: Annotation) -> Iterator[Place]:
    for structure in CONTOUR_STRUCTURES if annotation.planes is not None else ():
        yield from (Place(structure, slice=number) for number in annotation.contours_by_slice(structure))
    for root in annotation.roots if annotation.planes is not None else ():
        yield from (Place(ROOTS, root, number) for number in annotation.root_by_slice(root))
    yield from (Place(GANGLIA, root) for root in annotation.ganglia)


def write_mark(annotation: Annotation, place: Place, mark: Mark | None) -> None:
    """Put a mark into a place instead of what is there; None clears it."""
    points = None if mark is None or not len(mark.points) else mark.points
    if place.structure in CONTOUR_STRUCTURES:
        assert place.slice is not None
        is_draft = points is not None and len(points) < FEWEST_OF_CONTOUR
        annotation.set_contour(place.structure, place.slice, None if is_draft else points)
        _keep_draft(annotation, place.key, points if is_draft else None)
    elif place.structure == GANGLIA:
        assert place.root is not None
        annotation.set_ganglion(place.root, points)
    else:
        _write_root_points(annotation, place, points)
    annotation.provenance.set_at(place, None if mark is None else dict(mark.record))


def file_points(annotation: Annotation, place: Place) -> Points:
    """What belongs into the file of a place, (n, 3): of a root the points of all slices."""
    if place.structure == ROOTS:
        assert place.root is not None
        return annotation.root_descending(place.root)
    points = _points_in(annotation, place)
    if place.structure in CONTOUR_STRUCTURES and len(points) < FEWEST_OF_CONTOUR:
        return np.empty((0, 3))
    return points


def _points_in(annotation: Annotation, place: Place) -> Points:
    if place.structure == GANGLIA:
        assert place.root is not None
        ganglion = annotation.ganglia.get(place.root)
        return np.empty((0, 3)) if ganglion is None else ganglion.reshape(1, 3)
    planes = annotation.require_planes()
    if place.structure == ROOTS:
        assert place.root is not None
        points = annotation.root_descending(place.root)
        return points[planes.number(points) == place.slice]
    for contour in annotation.contours[place.structure]:
        if planes.number_of_contour(contour.points) == place.slice:
            return contour.points
    return drafts(annotation).get(place.key, np.empty((0, 3)))


def drafts(annotation: Annotation) -> dict[str, Points]:
    """The contours in the making, (1 or 2, 3) RAS mm, by key (``dura_7``)."""
    kept = annotation.provenance.document.get(_DRAFTS)
    begun: dict[str, Points] = {}
    for key, rows in kept.items() if isinstance(kept, dict) else ():
        try:
            points = as_points(rows)
        except (SpineRootError, ValueError, TypeError):  # no draft of ours
            continue
        if 0 < len(points) < FEWEST_OF_CONTOUR:
            begun[key] = points
    return begun


def _keep_draft(annotation: Annotation, key: str, points: Points | None) -> None:
    document = annotation.provenance.document
    kept = document.get(_DRAFTS)
    kept = dict(kept) if isinstance(kept, dict) else {}
    kept.pop(key, None)
    if points is not None:
        kept[key] = np.asarray(points).tolist()
    if kept:
        document[_DRAFTS] = kept
    else:
        document.pop(_DRAFTS, None)


def _write_root_points(annotation: Annotation, place: Place, points: Points | None) -> None:
    assert place.root is not None and place.slice is not None
    annotation.set_root_point(place.root, place.slice, None if points is None else points[0])
    if points is not None and len(points) > 1:  # what a file in the wild had twice comes back as it was
        planes = annotation.require_planes()
        together = np.vstack([annotation.roots[place.root], points[1:]])
        annotation.roots[place.root] = together[np.argsort(planes.depth(together), kind="stable")]
