"""Views that are not drawn while much changes on the scene, and once afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import slicer


@contextlib.contextmanager
def rendering_paused() -> Iterator[None]:
    """Within, and within functions that it decorates, views are not drawn; afterwards once.

    A view of Slicer that is asked to draw while it waits for the event loop draws at once after a few tens of
    milliseconds, so that changes in a row would each wait for a frame.
    """
    slicer.app.pauseRender()
    try:
        yield
    finally:
        slicer.app.resumeRender()
