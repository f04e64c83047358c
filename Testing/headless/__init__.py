"""Slicer's own MRML, files, views and mouse, from PyPI's `slicer-core`, with no Slicer application and no screen.

`start()` gives the module `slicer` with the real scene; `SliceView` and `ThreeDView` are real views off screen. What
needs Qt (widgets, layouts, dialogs) is absent on purpose: touching it raises AttributeError.
"""

from headless.application import start
from headless.opengl import INSTALL_HINT, offscreen_window

__all__ = ["INSTALL_HINT", "offscreen_window", "start"]
