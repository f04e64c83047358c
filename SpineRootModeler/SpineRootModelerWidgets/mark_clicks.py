"""Clicks on annotators' marks in Slicer's slice and 3D views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import slicer

from SpineRootModelerWidgets.panel import Panel


class MarkClicks:
    """Tells the session which views there are, so that it hears clicks in them."""

    def __init__(self, panel: Panel):
        self._session = panel.session

    def listen(self) -> None:
        """Hear the views that came since, too."""
        for view_node, interactor in _views():
            self._session.clicks.listen(view_node, interactor)
            if view_node.IsA("vtkMRMLViewNode"):
                self._session.turning.listen(interactor)


def _views() -> Iterator[tuple[Any, Any]]:
    manager = slicer.app.layoutManager()
    if manager is None:
        return
    for name in manager.sliceViewNames():
        view = manager.sliceWidget(name).sliceView()
        yield view.mrmlSliceNode(), view.interactor()
    for index in range(manager.threeDViewCount):
        view = manager.threeDWidget(index).threeDView()
        yield view.mrmlViewNode(), view.interactor()
