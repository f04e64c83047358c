"""A Slicer plot chart: series over tables, and which place each of their points stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike

from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.table_node import fill_table

Color = tuple[float, float, float]
# told apart by colour-blind readers, on white (Okabe and Ito, 2008), and a grey for what belongs to all
BLUE: Color = (0.0, 0.447, 0.698)
VERMILLION: Color = (0.835, 0.369, 0.0)
INK: Color = (0.25, 0.25, 0.25)
# lighter, beside it, and between them for what is drawn over both
SILVER: Color = (0.70, 0.70, 0.70)
RULE: Color = (0.50, 0.50, 0.50)
_TITLE_PT, _TEXT_PT = 14, 12  # by eye
# of the width, which the legend takes at the right end; by eye
_LEGEND = 0.12


@dataclass(frozen=True)
class Look:
    """How a series is drawn.

    Parameters
    ----------
    kind : ``bar``, ``line``, ``points`` or ``line and points``.
    size : of a point, in pixels; by eye.
    diamonds : points are diamonds instead of discs.
    """

    kind: str
    color: Color
    size: float = 7.0
    opacity: float = 1.0
    diamonds: bool = False


class Chart:
    """A chart node whose series are filled again and again.

    Parameters
    ----------
    role : of the chart; its series and tables have roles that begin with it.
    """

    def __init__(self, folder: ModelerFolder, role: str, title: str, x_title: str, y_title: str):
        self._folder, self._role = folder, role
        self.node = folder.node(role, "vtkMRMLPlotChartNode", title)
        self._series: dict[str, Any] = {}
        self._places: dict[str, Sequence[Any]] = {}
        was_modifying = self.node.StartModify()
        self.node.RemoveAllPlotSeriesNodeIDs()
        self.node.SetXAxisTitle(x_title)
        self.node.SetYAxisTitle(y_title)
        self.set_title(title)
        self.node.SetTitleFontSize(_TITLE_PT)
        self.node.SetAxisTitleFontSize(_TEXT_PT)
        self.node.SetAxisLabelFontSize(_TEXT_PT)
        self.node.SetLegendFontSize(_TEXT_PT)
        self.node.EndModify(was_modifying)

    def set_title(self, title: str) -> None:
        """Put a sentence over the chart."""
        self.node.SetTitle(title)

    def set_x_title(self, title: str) -> None:
        """What stands along the horizontal axis."""
        self.node.SetXAxisTitle(title)

    def limit_y(self, low: float, high: float) -> None:
        """Fix the vertical axis."""
        self.node.SetYAxisRangeAuto(False)
        self.node.SetYAxisRange(low, high)

    def limit_x(self, low: float, high: float) -> None:
        """Fix the horizontal axis; what lies between is not hidden by the legend, which gets room on the right."""
        self.node.SetXAxisRangeAuto(False)
        self.node.SetXAxisRange(low, high + _LEGEND * (high - low))

    def put(
        self,
        name: str,
        title: str,
        x: ArrayLike,
        y: ArrayLike,
        look: Look,
        places: Sequence[Any] = (),
        labels: Sequence[str] = (),
    ) -> None:
        """Draw a series, in place of the one of this name.

        Parameters
        ----------
        title : in the legend.
        x, y : (n,); NaN breaks a line.
        places : what a click on each point leads to.
        labels : shown when the pointer rests on a point.
        """
        across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if len(across) == 1:  # VTK complains of a line through a single point
            across, up = np.repeat(across, 2), np.repeat(up, 2)
            places, labels = [*places] * 2, [*labels] * 2
        table = self._folder.node(f"{self._role}-{name}-table", "vtkMRMLTableNode", f"{self.node.GetName()}: {title}")
        rows: list[Mapping[str, Any]] = [{"x": float(a), "y": float(b)} for a, b in zip(across, up, strict=True)]
        if labels:
            rows = [{**row, "label": label} for row, label in zip(rows, labels, strict=True)]
        fill_table(table, {"x": "x", "y": "y", **({"label": "label"} if labels else {})}, rows)
        series = self._folder.node(f"{self._role}-{name}", "vtkMRMLPlotSeriesNode", title)
        was_modifying = series.StartModify()
        series.SetAndObserveTableNodeID(table.GetID())
        series.SetXColumnName("x")
        series.SetYColumnName("y")
        series.SetLabelColumnName("label" if labels else "")
        _style(series, look)
        series.EndModify(was_modifying)
        self._series[name], self._places[series.GetID()] = series, places
        if not self.node.HasPlotSeriesNodeID(series.GetID()):
            self.node.AddAndObservePlotSeriesNodeID(series.GetID())

    def keep(self, names: Sequence[str]) -> None:
        """Leave out every series but these."""
        for name in [known for known in self._series if known not in names]:
            series = self._series.pop(name)
            self.node.RemovePlotSeriesNodeID(series.GetID())
            self._places.pop(series.GetID(), None)

    def place(self, series_id: str, row: int) -> Any | None:
        """What a click on a point of a series leads to."""
        places = self._places.get(series_id, ())
        return places[row] if 0 <= row < len(places) else None

    def show(self) -> None:
        """Put the chart into the plot views."""
        logic = slicer.app.applicationLogic()
        logic.GetSelectionNode().SetActivePlotChartID(self.node.GetID())
        logic.PropagatePlotChartSelection()


def _style(series: Any, look: Look) -> None:
    series.SetPlotType(series.PlotTypeScatterBar if look.kind == "bar" else series.PlotTypeScatter)
    lines = look.kind in ("line", "line and points")
    series.SetLineStyle(series.LineStyleSolid if lines else series.LineStyleNone)
    series.SetLineWidth(2.0)
    marker = series.MarkerStyleDiamond if look.diamonds else series.MarkerStyleCircle
    series.SetMarkerStyle(marker if "points" in look.kind else series.MarkerStyleNone)
    series.SetMarkerSize(look.size)
    series.SetColor(*look.color)
    series.SetOpacity(look.opacity)
