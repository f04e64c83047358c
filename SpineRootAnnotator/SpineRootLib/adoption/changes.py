"""What becomes different when a subject's files are written anew under strict names; no point is moved by it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import markups_file_names
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.markups import CLOSED_CURVE, FIDUCIAL, read_markup
from SpineRootLib.naming import MarkupsName, parse_markups_name
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.tables import Meaning

COLUMNS: dict[str, Meaning] = {
    "participant_id": ("Label of the subject", None),
    "file": ("Name of the published file", None),
    "structure": ("What is marked", None),
    "segment": ("Level of the root", None),
    "side": ("The subject's side, L or R", None),
    "change": (
        "What is different: name, number, label (of another root or of none), spelling (of the label), order, "
        "duplicate, kind, frame, or left-out",
        None,
    ),
    "before": ("As published", None),
    "after": ("As written", None),
}
NAME, NUMBER, ORDER, DUPLICATE = "name", "number", "order", "duplicate"
LABEL, SPELLING = "label", "spelling"
KIND, FRAME, LEFT_OUT = "kind", "frame", "left-out"
WORDS = {
    NAME: "files renamed",
    NUMBER: "contours numbered as their slices",
    LABEL: "files with labels of another root or of none, now of the root that the name says",
    SPELLING: "files with labels spelled otherwise",
    ORDER: "roots that were not listed from the top down",
    DUPLICATE: "roots in which points were there twice",
    KIND: "files of another kind of markup than their name says",
    FRAME: "files in another frame than LPS",
    LEFT_OUT: "files left out",
}
# the reader's finding on labels that name another root than the file, or none
_LABEL_RULE = "label"
# findings of the reader that say why a file was not taken
_NOT_TAKEN = ("not-read", "file-name", "empty-file")


@dataclass(frozen=True)
class Change:
    """One difference between a published file and the one that is written.

    Parameters
    ----------
    file : the published file's name.
    name : what that name says, None where it says nothing known.
    change : one of the words of the table.
    """

    subject: str
    file: str
    name: MarkupsName | None
    change: str
    before: str
    after: str

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        cells = {} if self.name is None else Place(self.name.structure, self.name.root).cells()
        own = {"participant_id": f"sub-{self.subject}", "file": self.file}
        return {**own, **cells, "change": self.change, "before": self.before, "after": self.after}


def changes_of(folder: Path, annotation: Annotation) -> list[Change]:
    """Every difference that writing an annotation makes to the files in a folder that it was read from, as they are.

    Raises
    ------
    MarkupsFileError
        if a file cannot be read.
    """
    planes, subject = annotation.require_planes(), annotation.subject
    left_out = dict(_left_out(annotation))
    found = [Change(subject, file, None, LEFT_OUT, file, why) for file, why in left_out.items()]
    wrong = {(each.structure, each.root) for each in annotation.findings if each.rule == _LABEL_RULE}
    taken: set[str] = set()
    for file in markups_file_names(folder):
        name = _named(file, annotation.segments)
        if name is not None and file not in left_out:
            label = LABEL if (name.structure, name.root) in wrong else SPELLING
            found += _changes_of_file(folder / file, name, subject, planes, taken, label)
    return found


def drop_duplicates(annotation: Annotation) -> None:
    """Take out of roots the points that they hold twice."""
    for root, points in annotation.roots.items():
        annotation.roots[root] = points[_first(points)]


def _named(file: str, segments: Sequence[str]) -> MarkupsName | None:
    try:
        return parse_markups_name(file, segments)
    except SpineRootError:
        return None


def _left_out(annotation: Annotation) -> Iterator[tuple[str, str]]:
    """Files that the reader did not take, with its reason."""
    for finding in annotation.findings:
        if finding.rule in _NOT_TAKEN:
            yield re.split(r" (?:and|lies|looks|holds) ", finding.message)[0], finding.message


def _changes_of_file(
    path: Path, name: MarkupsName, subject: str, planes: SlicePlanes, taken: set[str], label: str
) -> Iterator[Change]:
    markup = read_markup(path)
    is_contour = name.structure in CONTOUR_STRUCTURES
    number = planes.number_of_contour(markup.points) if is_contour else None
    own = MarkupsName(subject, name.structure, number, name.root)

    def change(kind: str, before: str, after: str) -> Change:
        return Change(subject, path.name, name, kind, before, after)

    if own.key in taken:
        yield change(LEFT_OUT, path.name, f"another contour of {name.structure} lies on slice {number}")
        return
    taken.add(own.key)
    if name.number != number:
        yield change(NUMBER, str(name.number), str(number))
    if path.name != name.file_name():
        yield change(NAME, path.name, own.file_name())
    stems = sorted({re.sub(r"[-_]?\d+$", "", label.strip()) or label.strip() for label in markup.labels})
    if not is_contour and stems != [own.label]:
        yield change(label, ", ".join(stems), own.label)
    if name.structure == ROOTS:
        yield from _changes_of_root(markup.points, planes, change)
    expected = CLOSED_CURVE if is_contour else FIDUCIAL
    if markup.kind != expected:
        yield change(KIND, markup.kind, expected)
    frame = _frame(path)
    if frame != "LPS":
        yield change(FRAME, frame, "LPS")


def _changes_of_root(points: Points, planes: SlicePlanes, change: object) -> Iterator[Change]:
    assert callable(change)
    depth = planes.depth(points)
    steps = np.diff(depth)
    if (steps < 0).any():
        upwards = int((steps < 0).sum())
        how = "from the bottom up" if upwards > len(steps) / 2 else "from the top down"
        swapped = min(upwards, len(steps) - upwards)
        yield change(ORDER, how + (f", but for {swapped} steps" if swapped else ""), "from the top down")
    twice = len(points) - int(_first(points).sum())
    if twice:
        yield change(DUPLICATE, f"{len(points)} points", f"{len(points) - twice} points")


def _first(points: Points) -> NDArray[np.bool_]:
    """Which points are not the same as one before, to the last digit."""
    kept = np.zeros(len(points), dtype=bool)
    kept[np.unique(points, axis=0, return_index=True)[1]] = True
    return kept


def _frame(path: Path) -> str:
    """The frame of a file that was read, as it says."""
    return str(json.loads(path.read_text(encoding="utf-8"))["markups"][0].get("coordinateSystem", "none stated"))
