"""How much room there is on the screen for views beside the panel."""

from __future__ import annotations

import slicer

# widths of one view that three of them take: views that Slicer makes for a layout are a fifth wider than its own
_THREE_VIEWS = 3.3


def is_narrow() -> bool:
    """Whether three slice views beside each other are wider than the screen lets them be, at the font's size."""
    layout, window = slicer.app.layoutManager(), slicer.util.mainWindow()
    views = [] if layout is None else [layout.sliceWidget(name) for name in ("Green", "Yellow")]
    docks = [] if window is None else slicer.util.findChildren(window, name="PanelDockWidget")
    if not docks or None in views:
        return False
    widest = max(view.minimumSizeHint.width() for view in views)
    return bool(docks[0].width + _THREE_VIEWS * widest > window.screen().availableGeometry.width())
