"""Label maps on the slices of the annotated image: the contours, roots and ganglia that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, CORD, CSF, DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid
from SpineRootLib.errors import ImageFileError
from SpineRootLib.frames import Points
from SpineRootLib.label_maps.contours import read_contours
from SpineRootLib.label_maps.ganglia import read_ganglia
from SpineRootLib.label_maps.label_map_file import LabelMapFile
from SpineRootLib.label_maps.label_tables import LabelTable
from SpineRootLib.label_maps.roots import Middle, RootReader
from SpineRootLib.label_maps.sections import LabelSections
from SpineRootLib.label_maps.settings import LabelReadingSettings
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.progress import Progress, part
from SpineRootLib.translation import _


@dataclass
class ReadMarks:
    """What label maps show.

    Parameters
    ----------
    contours : by structure and slice, (n, 3) RAS mm control points.
    roots : (n, 3) RAS mm, a point a slice, from cranial to caudal.
    ganglia : (3,) RAS mm.
    sources : the label map's file by place without slice, for the sidecar.
    maps : the label maps by their files' names.
    notes : what was left out and why, sentences that begin with the file's name.
    """

    contours: dict[str, dict[int, Points]] = field(default_factory=dict)
    roots: dict[Root, Points] = field(default_factory=dict)
    ganglia: dict[Root, NDArray[np.float64]] = field(default_factory=dict)
    sources: dict[Place, str] = field(default_factory=dict)
    maps: dict[str, LabelMapFile] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def confidence(self, place: Place, points: Points) -> float | None:
        """How sure the model whose label map it is is of what was read in a place; None where nothing tells."""
        return self.maps[self.sources[place.without_slice]].confidence_at(place, points)


def read_marks(
    maps: Sequence[LabelMapFile],
    annotation: Annotation,
    settings: LabelReadingSettings | None = None,
    progress: Progress | None = None,
) -> ReadMarks:
    """Read label maps of one subject; of what two of them show the first is taken.

    Parameters
    ----------
    annotation : whose slices it is; contours that are marked in it show the midline where the label maps do not.

    Raises
    ------
    SpineRootError
        if a label map shows nothing on the slices, or `progress` asks to stop.
    """
    read, planes = ReadMarks(maps={each.name: each for each in maps}), annotation.require_planes()
    sections = [LabelSections(each.image, planes, settings) for each in maps]
    for rank, (each, cut) in enumerate(zip(maps, sections, strict=True)):
        _read_contours(read, each, cut, part(progress, rank / len(maps), (rank + 1) / len(maps)))
    known = {name: _control_points(annotation, name) for name in CONTOUR_STRUCTURES}
    middle = middle_of({name: {**known[name], **read.contours.get(name, {})} for name in known}, planes)
    for each, cut in zip(maps, sections, strict=True):
        _read_points(read, each, cut, middle)
        if each.name not in read.sources.values():
            fault = _("shows nothing on the image's slices: does it belong to the image?")
            raise ImageFileError(fault, each.image.source or each.name)
    return read


def middle_of(contours: Mapping[str, Mapping[int, Points]], planes: SlicePlanes) -> Middle | None:
    """The middle of the cord at a depth, where it ends that of the dura; beyond their ends as at the nearest slice.

    None where there is no contour.
    """
    centres: dict[int, NDArray[np.float64]] = {}
    for structure in (DURA, CORD):
        for number, points in contours.get(structure, {}).items():
            centres[number] = centroid(planes.flatten(points))
    if not centres:
        return None
    numbers = np.array(sorted(centres))
    places = np.array([centres[number] for number in numbers.tolist()])

    def middle(depth: float) -> NDArray[np.float64]:
        return np.array([np.interp(depth / planes.spacing + 1.0, numbers, axis) for axis in places.T])

    return middle


def _control_points(annotation: Annotation, structure: str) -> dict[int, Points]:
    return {number: contour.points for number, contour in annotation.contours_by_slice(structure).items()}


def _read_contours(read: ReadMarks, source: LabelMapFile, sections: LabelSections, progress: Progress | None) -> None:
    for structure, (numbers, needed) in _outlined(source.table).items():
        place = Place(structure)
        if place in read.sources:
            _said_twice(read, source, place)
            continue
        found = read_contours(sections, structure, numbers, needed, progress)
        read.notes += [f"{source.name}: {note}" for note in found.notes]
        if found.by_slice:
            read.contours[structure] = found.by_slice
            read.sources[place] = source.name


def _outlined(table: LabelTable) -> dict[str, tuple[list[int], list[int]]]:
    """By structure the labels within its contour, and those of them that must be there."""
    outlined = {}
    if cord := table.numbers_of(CORD):
        outlined[CORD] = (cord, cord)
    if sac := table.numbers_of(DURA, CSF):
        roots = [number for number in table.numbers_of(ROOTS) if not table.meanings[number].beyond]
        outlined[DURA] = (sorted([*sac, *table.numbers_of(CORD), *roots]), sac)
    return outlined


def _read_points(read: ReadMarks, source: LabelMapFile, sections: LabelSections, middle: Middle | None) -> None:
    found = RootReader(sections, source.table, middle).read()
    ganglia, notes = read_ganglia(source.image, source.table, sections.numbers, sections.planes, middle)
    read.notes += [f"{source.name}: {note}" for note in (*found.notes, *notes)]
    for root, points in found.roots.items():
        if _is_new(read, source, Place(ROOTS, root)):
            read.roots[root] = points
    for root, point in ganglia.items():
        if _is_new(read, source, Place(GANGLIA, root)):
            read.ganglia[root] = point


def _is_new(read: ReadMarks, source: LabelMapFile, place: Place) -> bool:
    if place in read.sources:
        _said_twice(read, source, place)
        return False
    read.sources[place] = source.name
    return True


def _said_twice(read: ReadMarks, source: LabelMapFile, place: Place) -> None:
    text = _("{name}: {what} is taken from {first}, which was named before")
    read.notes.append(text.format(name=source.name, what=place, first=read.sources[place]))
