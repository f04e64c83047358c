"""What a markups file says besides its points, carried over into what replaces it, or the file as it was kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.annotation_files import structure_text
from SpineRootLib.atomic import HALF, replacing, write_text
from SpineRootLib.clock import stamp
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points, as_points, to_ras
from SpineRootLib.naming import MarkupsName

# What is ours to say; of all else what was found stays.
_OURS = {"type", "coordinateSystem", "coordinateUnits", "lastUsedControlPointNumber", "controlPoints"}
_OURS_OF_A_POINT = {"id", "label", "associatedNodeID", "position", "orientation", "positionStatus"}
# What a point says that nobody touched.
_PLAIN = {"description": "", "selected": True, "locked": False, "visibility": True}
# A point that was not moved: files of Slicer and ours differ in the last digits.
_SAME_MM = 1e-3
# No point is dragged farther in one edit; a new one farther off is another point.
_MOVED_MM = 10.0


class ForeignFields:
    """Writes files of structures, one object for the time that a subject is open.

    Parameters
    ----------
    folder : the subject's folder of markups. Of a file from which something cannot be carried over, such as the name of
        a point, the original goes into a folder ``as-found-`` of it before it is first replaced.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._originals: dict[str, bytes | None] = {}
        self._kept: set[str] = set()

    def write(self, name: MarkupsName, points: Points) -> None:
        """Write the file of a structure, points (n, 3) RAS mm; remove it for none."""
        path = self.folder / name.file_name()
        text = made = structure_text(name, points)
        found = path.read_bytes() if path.exists() else None
        original = self._originals.setdefault(path.name, found)
        if found is not None:
            text, is_whole = with_foreign_fields(found, made, name.label)
            if not len(points):  # what would be carried over goes with the file
                is_whole = is_whole and json.loads(text) == json.loads(made)
            if not is_whole and original is not None and path.name not in self._kept:
                self._keep(path.name, original)
        if len(points):
            write_text(path, text)
        else:
            path.unlink(missing_ok=True)

    def _keep(self, name: str, original: bytes) -> None:
        kept = self.folder / f"as-found-{stamp()}" / name
        with replacing(kept, ending=HALF) as temporary:
            temporary.write_bytes(original)
        self._kept.add(name)


def with_foreign_fields(found: bytes, made: str, label: str) -> tuple[str, bool]:
    """The text of a new markups file with what the one that it replaces says besides its points.

    Parameters
    ----------
    label : what its points are named, before their number: ``L1_L``.

    Returns
    -------
    the text, and whether nothing is lost: False where the file found is none, names points otherwise, holds points that
    were not placed, or says something of a point that is no more.
    """
    document = json.loads(made)
    try:
        before = json.loads(found.decode("utf-8-sig"))
        is_whole = _carry(before, document, label)
        return json.dumps(document, indent=4, allow_nan=False) + "\n", is_whole
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, SpineRootError):
        return made, False


def _carry(before: dict[str, Any], document: dict[str, Any], label: str) -> bool:
    old, new = before["markups"][0], document["markups"][0]
    document.update({key: value for key, value in before.items() if key not in document})
    new.update({key: value for key, value in old.items() if key not in _OURS})
    said = old.get("controlPoints") or []
    placed = [each for each in said if each.get("positionStatus", "defined") == "defined"]
    pairs = _pairs(_positions(old, placed), _positions(new, new["controlPoints"]))
    for mine, theirs in pairs.items():
        entry = placed[theirs]
        new["controlPoints"][mine].update({key: entry[key] for key in entry if key not in _OURS_OF_A_POINT})
    gone = [entry for index, entry in enumerate(placed) if index not in pairs.values()]
    named = {re.sub(r"-\d+$", "", str(entry.get("label", ""))) for entry in placed}
    return named <= {"", label} and len(placed) == len(said) and not any(map(_says_something, gone))


def _positions(markup: dict[str, Any], entries: list[dict[str, Any]]) -> Points:
    return to_ras(as_points([entry["position"] for entry in entries]), markup.get("coordinateSystem", "LPS"))


def _pairs(old: Points, new: Points) -> dict[int, int]:
    """Which of the old points each new one is: the same place first, then the nearest one that was moved."""
    apart = np.linalg.norm(new[:, None] - old[None], axis=2)
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for mine, theirs in np.argwhere(apart <= _MOVED_MM)[np.argsort(apart[apart <= _MOVED_MM], kind="stable")].tolist():
        is_free = mine not in pairs and theirs not in taken
        if is_free and (apart[mine, theirs] <= _SAME_MM or len(new) == len(old)):
            pairs[mine] = theirs
            taken.add(theirs)
    return pairs


def _says_something(entry: dict[str, Any]) -> bool:
    """Whether something was written of a point besides where it is."""
    return any(value != _PLAIN.get(key) for key, value in entry.items() if key not in _OURS_OF_A_POINT)
