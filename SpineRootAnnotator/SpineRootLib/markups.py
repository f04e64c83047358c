"""One Slicer markups file: the reader, tolerant of what exists in the wild, and the strict writer."""

from __future__ import annotations

import json
import stat
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from SpineRootLib.annex_content import check_fetched
from SpineRootLib.atomic import write_text
from SpineRootLib.errors import MarkupsFileError, SpineRootError
from SpineRootLib.frames import Points, flip_ras_lps, to_ras
from SpineRootLib.translation import _

_SCHEMA = "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#"
FIDUCIAL = "Fiducial"
CLOSED_CURVE = "ClosedCurve"
OPEN_CURVE = "Curve"
# Their control points lie on what was pointed at; those of a plane, an angle or a region of interest span something.
_POINTED = (FIDUCIAL, CLOSED_CURVE, OPEN_CURVE)
# As Slicer knows them; it refuses to read a file with another one.
_PLACED, _NOT_PLACED = "defined", ("undefined", "preview", "missing")
# Nothing that is traced is smaller across than this: a curve below it was stored in metres.
_SMALLEST_CURVE_MM = 0.5
_ORIENTATION_LPS = [-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0]


@dataclass(frozen=True, eq=False)
class Markup:
    """The control points of one markups file.

    Parameters
    ----------
    kind : the markup's type as Slicer names it, ``Fiducial`` or ``ClosedCurve`` in strict files, or ``Curve``.
    points : (n, 3) RAS mm, in the file's order; only points that were placed.
    labels : the label of each point.
    refused : why Slicer does not read the file, as the end of a sentence; empty where it does.
    """

    kind: str
    points: Points
    labels: tuple[str, ...] = field(default=())
    refused: str = ""


def read_markup(path: Path) -> Markup:
    """Read one markups JSON file (any schema 1.x, LPS or RAS, point list or curve).

    Raises
    ------
    DatasetError
        if git-annex keeps the file and it was not fetched.
    MarkupsFileError
        if the file cannot be read, is no markups file, holds not exactly one markup, one that is neither a list of
        points nor a curve, coordinates that are not finite, not in millimetres, or in an unclear frame, or one field
        twice.
    """
    check_fetched(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise MarkupsFileError(_("is no file"), path)
        content = path.read_bytes()
        document = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_said_once)
    except OSError as error:
        raise MarkupsFileError(_("cannot be read ({reason})").format(reason=error.strerror), path) from error
    except (ValueError, RecursionError) as error:
        raise MarkupsFileError(_("is no whole JSON file ({error})").format(error=error), path) from error
    except SpineRootError as error:
        raise MarkupsFileError(error.fault, path) from error
    try:
        markup = _markup_of(document)
    except SpineRootError as error:
        raise MarkupsFileError(error.fault, path) from error
    return replace(markup, refused=_("it begins with a byte order mark")) if content.startswith(BOM_UTF8) else markup


def write_markup(path: Path, markup: Markup, color: Sequence[float] = (1.0, 0.5, 0.5), durable: bool = True) -> Path:
    """Write a markup as Slicer does: LPS, millimetres, one markup a file, atomically.

    Parameters
    ----------
    color : RGB in 0..1 in which Slicer shows it.
    durable : flush to the disk before the old file is replaced.
    """
    return write_text(path, markup_text(markup, color), durable)


def markup_text(markup: Markup, color: Sequence[float] = (1.0, 0.5, 0.5)) -> str:
    """The text of the markup's file."""
    document = {"@schema": _SCHEMA, "markups": [_markup_json(markup, [float(channel) for channel in color])]}
    return json.dumps(document, indent=4, allow_nan=False) + "\n"


def _markup_of(document: Any) -> Markup:
    if not isinstance(document, dict) or not isinstance(document.get("markups"), list):
        raise SpineRootError(_("is no Slicer markups file (no list 'markups')"))
    schema = document.get("@schema", "")
    if isinstance(schema, str) and "markups-schema" in schema and "markups-schema-v1." not in schema:
        raise SpineRootError(_("has a markups schema other than 1.x"))
    markups = document["markups"]
    if len(markups) != 1 or not isinstance(markups[0], dict):
        raise SpineRootError(_("holds {count} markups, not one").format(count=len(markups)))
    markup = markups[0]
    _check_units(markup.get("coordinateUnits", "mm"))
    entries = markup.get("controlPoints") or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SpineRootError(_("has control points that are no list of points"))
    kind = str(markup.get("type", FIDUCIAL))
    if kind not in _POINTED:
        raise SpineRootError(
            _("holds a markup of type {kind}, which is neither a list of points nor a curve").format(kind=kind)
        )
    placed = [entry for entry in entries if _is_placed(entry.get("positionStatus", _PLACED))]
    points = to_ras(_positions(placed), markup.get("coordinateSystem", "LPS"))
    _check_extent(kind, points)
    refused = "" if "type" in markup else _("it does not say what kind of markup it is")
    return Markup(kind, points, tuple(str(entry.get("label", "")) for entry in placed), refused)


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; of a field that it holds twice Slicer takes the first, and most others the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _value in pairs).items() if count > 1)
        raise SpineRootError(_("says '{key}' twice").format(key=twice))
    return found


def _is_placed(status: Any) -> bool:
    if status != _PLACED and status not in _NOT_PLACED:
        raise SpineRootError(_("has a control point of the unknown status {status!r}").format(status=status))
    return bool(status == _PLACED)


def _positions(entries: Sequence[dict[str, Any]]) -> ArrayLike:
    positions = [entry.get("position") for entry in entries]
    fault = _("has a control point whose position is not three numbers")
    if not all(isinstance(each, list) and len(each) == 3 and all(map(_is_number, each)) for each in positions):
        raise SpineRootError(fault)
    try:
        points = np.array(positions, dtype=np.float64).reshape(-1, 3)
    except OverflowError:
        raise SpineRootError(fault) from None
    unusable = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if unusable.size:
        raise SpineRootError(_("has a coordinate that is not finite (point {number})").format(number=unusable[0] + 1))
    return points


def _is_number(value: Any) -> bool:
    """Whether Slicer reads it as one: it takes neither a number in a text nor a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_units(units: Any) -> None:
    code = units[0] if isinstance(units, list) and units else units
    if code not in ("mm", "", None):
        raise SpineRootError(_("has coordinates in '{code}', not in millimetres").format(code=code))


def _check_extent(kind: str, points: Points) -> None:
    if kind.endswith("Curve") and len(points) > 2:
        across = float(np.ptp(points, axis=0).max())
        if across < _SMALLEST_CURVE_MM:
            raise SpineRootError(
                _("holds a curve only {across:.3g} mm across: are its coordinates in metres?").format(across=across)
            )


def _markup_json(markup: Markup, color: list[float]) -> dict[str, Any]:
    curve = markup.kind != FIDUCIAL
    return {
        "type": markup.kind,
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "locked": False,
        "fixedNumberOfControlPoints": False,
        "labelFormat": "%N-%d",
        "lastUsedControlPointNumber": len(markup.points),
        "controlPoints": [
            _point_json(number, label, position)
            for number, (label, position) in enumerate(
                zip(markup.labels, flip_ras_lps(markup.points).tolist(), strict=True), start=1
            )
        ],
        "measurements": [],
        "display": {
            "visibility": True,
            "opacity": 1.0,
            "color": color,
            "selectedColor": color,
            "propertiesLabelVisibility": False,
            "pointLabelsVisibility": False,
            "textScale": 3.0,
            "glyphType": "Sphere3D",
            "glyphScale": 0.5 if curve else 1.0,
            "glyphSize": 1.0,
            "useGlyphScale": True,
            "lineThickness": 0.2,
        },
    }


def _point_json(number: int, label: str, position: list[float]) -> dict[str, Any]:
    return {
        "id": str(number),
        "label": label,
        "description": "",
        "associatedNodeID": "",
        "position": position,
        "orientation": _ORIENTATION_LPS,
        "selected": True,
        "locked": False,
        "visibility": True,
        "positionStatus": "defined",
    }
