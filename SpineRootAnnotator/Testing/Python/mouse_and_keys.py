"""A user's hands in the self-tests: clicks in views and tables, keys and buttons of the running Slicer."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer


def wait_for(is_so: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Let Slicer work until something is so, for so long at most; whether it is."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        slicer.app.processEvents()
        time.sleep(0.01)
    return is_so()


def pause(seconds: float = 0.5) -> None:
    """Let Slicer do what is due, such as to centre views that were arranged anew."""
    wait_for(lambda: False, seconds)


def press(button: Any) -> None:
    """Press a button."""
    button.click()
    slicer.app.processEvents()


def press_key(text: str) -> None:
    """Do what a key does that is bound to the main window, such as ``Shift+A``."""
    bound = slicer.util.findChildren(slicer.util.mainWindow(), className="QShortcut")
    shortcut = next(each for each in bound if each.key.toString() == text)
    shortcut.activated()
    slicer.app.processEvents()


def click_point(ras: Any, view_name: str = "Red") -> None:
    """Click at a RAS point, (3,) mm, in a slice view."""
    view = slicer.app.layoutManager().sliceWidget(view_name).sliceView()
    matrix = np.linalg.inv(slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetXYToRAS()))
    x, y = (matrix @ [*ras, 1.0])[:2]
    interactor = view.interactor()
    interactor.SetEventInformation(round(x), round(y), 0, 0, "\0", 0, "")
    for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent"):
        interactor.InvokeEvent(event)
    slicer.app.processEvents()


def click_row(view: Any, row: int) -> None:
    """Click into a row of a table."""
    place = qt.QPointF(view.visualRect(view.model().index(row, 0)).center())
    for kind in (qt.QEvent.MouseButtonPress, qt.QEvent.MouseButtonRelease):
        # of this form in Qt 5 and in Qt 6
        event = qt.QMouseEvent(kind, place, place, qt.Qt.LeftButton, qt.Qt.LeftButton, qt.Qt.NoModifier)
        slicer.app.sendEvent(view.viewport(), event)
    slicer.app.processEvents()


def reload_scene(path: Path) -> None:
    """Save the scene, close it, and load what was saved."""
    if not slicer.util.saveScene(str(path)):
        raise OSError(f"{path}: the scene was not saved")
    slicer.mrmlScene.Clear()
    slicer.app.processEvents()
    slicer.util.loadScene(str(path))
    slicer.app.processEvents()
