"""What building a model changed or could not do, each row with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CSF, DURA, contour_title
from SpineRootLib.annotation import Annotation
from SpineRootLib.surfaces import Model
from SpineRootLib.surfaces.modelled import root_of
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.table_node import fill_table

# a centreline that was moved by less is not told: it is less than marks jitter
_TOLD_MM = 0.1
Row = dict[str, Any]
Position = NDArray[np.float64]


class ModelTable:
    """Shows conflicts, then roots that were moved noticeably, the farthest first, then what was found on the way."""

    def __init__(self, folder: ModelerFolder):
        self.node = folder.node("model", "vtkMRMLTableNode", _("Model"))
        self._positions: list[Position | None] = []

    def show(self, model: Model, annotation: Annotation) -> None:
        """List what is to be said of a model."""
        listed = [*_conflicts(model), *_moved(model), *_findings(model, annotation)]
        self._positions = [position for _row, position in listed]
        fill_table(self.node, columns(), [row for row, _position in listed])

    def position(self, row: int) -> Position | None:
        """Where a row is, (3,) RAS mm."""
        return self._positions[row] if 0 <= row < len(self._positions) else None


def columns() -> dict[str, str]:
    """Names and titles."""
    return {"kind": _("Kind"), "what": _("What"), "slice": _("Slice"), "mm": _("mm"), "message": _("Remark")}


def _conflicts(model: Model) -> Iterator[tuple[Row, Position]]:
    for each in model.report.get("conflicts", []):
        one, other = each["between"]
        message = _("the gap between the two surfaces, negative where they overlap")
        what = f"{_title(one)} - {_title(other)}"
        row = {"kind": _("conflict"), "what": what, "slice": each["slice"], "mm": each["clearance_mm"]}
        yield {**row, "message": message}, np.array(each["position_ras"], dtype=np.float64)


def _moved(model: Model) -> Iterator[tuple[Row, Position]]:
    roots = sorted(model.report.get("roots", {}).items(), key=lambda item: -item[1]["moved"]["max_mm"])
    for name, root in roots:
        if root["moved"]["max_mm"] < _TOLD_MM:
            return
        start = root["emergence"] or {"position_ras": root["centreline_ras"][0], "slice": None}
        message = _("the root's line was moved away from its neighbours, {mean:.2f} mm on average").format(
            mean=root["moved"]["mean_mm"]
        )
        row = {"kind": _("moved"), "what": name, "slice": start["slice"], "mm": root["moved"]["max_mm"]}
        yield {**row, "message": message}, np.array(start["position_ras"], dtype=np.float64)


def _findings(model: Model, annotation: Annotation) -> Iterator[tuple[Row, Position | None]]:
    for each in model.findings:
        message = each.message
        if each.structure == CSF and CSF not in model.parts:  # the library's own words are for a command line
            message = _("left out: press the button that installs what it needs, then Build")
        what = contour_title(each.structure) if each.root is None else str(each.root)
        row = {"kind": str(each.severity), "what": what, "slice": each.slice, "message": message}
        yield row, each.position if each.position is not None else _on_slice(annotation, each.slice)


def _title(part: str) -> str:
    """A surface as the user reads it: ``L3_L``, *dura*."""
    root = root_of(part)
    return contour_title(part) if root is None else str(root)


def _on_slice(annotation: Annotation, number: int | None) -> Position | None:
    """The middle of the dura on a slice, or of its nearest slice with a contour."""
    if number is None or annotation.planes is None:
        return None
    contours = annotation.contours_by_slice(DURA)
    if not contours:
        return annotation.planes.lift([[0.0, 0.0]], number)[0]
    nearest = min(contours, key=lambda known: abs(known - number))
    return annotation.planes.lift(annotation.planes.flatten(contours[nearest].points.mean(axis=0)), number)[0]
