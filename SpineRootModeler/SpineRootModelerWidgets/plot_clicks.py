"""Clicks on bars and points of charts in Slicer's plot views."""

from __future__ import annotations

from typing import Any

import slicer

from SpineRootModelerWidgets.panel import Panel


class PlotClicks:
    """Tells the session which point of which series was clicked, in every plot view that there is."""

    def __init__(self, panel: Panel):
        self._panel = panel
        self._heard: list[Any] = []

    def listen(self) -> None:
        """Listen to plot views that came since."""
        manager = slicer.app.layoutManager()
        for index in range(0 if manager is None else manager.plotViewCount):
            view = manager.plotWidget(index).plotView()
            if view not in self._heard:
                view.connect("dataSelected(vtkStringArray*,vtkCollection*)", self.onSelected)
                self._heard.append(view)

    def release(self) -> None:
        """Listen no more."""
        for view in self._heard:
            view.disconnect("dataSelected(vtkStringArray*,vtkCollection*)", self.onSelected)
        self._heard = []

    def onSelected(self, series_ids: Any, selections: Any) -> None:
        """Go to the first point of those that were selected."""
        for number in range(min(series_ids.GetNumberOfValues(), selections.GetNumberOfItems())):
            rows = selections.GetItemAsObject(number)
            if rows.GetNumberOfValues():
                series, row = series_ids.GetValue(number), rows.GetValue(0)
                self._panel.act(lambda series=series, row=row: self._panel.session.go_to_mark(series, row))
                return
