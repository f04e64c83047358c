"""Drives a session as an annotator does: by clicks in slice views and by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from numpy.typing import ArrayLike

from headless.slice_view import SliceView
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootAnnotatorLib.settings import Pace

AT_ONCE = Pace(settle_s=0.0, save_s=0.0, check_s=0.0, linger_s=0.0, silent_s=0.0, between_s=0.0)


class AnnotatorAtWork:
    """An annotator's hands.

    Parameters
    ----------
    red : the view in which CISS is shown.
    green : the view in which DESS is shown.
    """

    def __init__(self, red: SliceView, green: SliceView, rescue_folder: Path, pace: Pace = AT_ONCE):
        self.red, self.green = red, green
        self.session = AnnotationSession(slicer.mrmlScene, rescue_folder=rescue_folder, pace=pace)
        for view in (red, green):
            self.session.presses.watch(view.interactor)

    def open(self, dataset: Path, label: str = "C", subject: str = "01", **options: Any) -> None:
        """Open a subject."""
        self.session.open(dataset, subject, label, **options)
        self.wait()

    @property
    def subject(self) -> Any:
        """The open subject."""
        return self.session.subject

    def wait(self) -> None:
        """Let the pause pass in which the session settles, and have all saved."""
        self.session.tick()
        self.session.tick()
        if self.subject is not None:
            self.subject.work.autosave.flush(5.0)
            self.session.tick()

    def press(self, *keys: str) -> None:
        """Press keys one after the other, with a pause after each."""
        for key in keys:
            assert self.session.press(key), f"{key} does nothing in the mode {self.subject.mode.name}"
            self.wait()

    def click(self, ras: ArrayLike, view: SliceView | None = None) -> None:
        """Click at a RAS point, (3,), in the red view or another."""
        view = view or self.red
        view.click(view.pixel(ras))
        self.wait()

    def drag(self, start: ArrayLike, end: ArrayLike, button: str = "Left") -> None:
        """Drag from one RAS point to another in the red view."""
        self.red.render()
        self.red.drag(self.red.pixel(start), self.red.pixel(end), button)
        self.wait()

    def go_to(self, number: int) -> None:
        """Turn to a slice by its keys, and centre it."""
        for _ in range(self.subject.planes.count):
            if self.subject.number == number:
                break
            self.session.press("D" if number > self.subject.number else "E")
        assert self.subject.number == number
        self.press("Shift+E")
