"""One subject while it is worked on: its workplace, and the mode that says what clicks, keys and pauses do there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.display import OVERVIEWS
from SpineRootAnnotatorLib.keys import CONTOURS_MODE, GANGLIA_MODE, REVIEW_MODE, ROOTS_MODE
from SpineRootAnnotatorLib.layouts import Arrangement
from SpineRootAnnotatorLib.modes.contours import ContoursMode
from SpineRootAnnotatorLib.modes.ganglia import GangliaMode
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.modes.review import ReviewMode
from SpineRootAnnotatorLib.modes.roots import RootsMode
from SpineRootAnnotatorLib.pauses import Pauses
from SpineRootAnnotatorLib.resuming import remember
from SpineRootAnnotatorLib.settings import Pace, SessionSettings
from SpineRootAnnotatorLib.work.history import Step
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootAnnotatorLib.workplace import Workplace
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootScene.volumes import volume_node


class OpenSubject(Workplace):
    """Connects the modes with a subject's workplace.

    Parameters
    ----------
    volumes : the images by name.
    say : shows a sentence to the annotator.
    on_placed : called when a click placed a point, with the layout name of the view it was in, as far as it is known:
        it is to be drawn before anything else.
    """

    def __init__(
        self,
        scene: Any,
        work: SubjectWork,
        volumes: dict[str, Any],
        settings: SessionSettings,
        say: Callable[[str], None],
        on_placed: Callable[[str | None], None],
        pace: Pace | None = None,
    ):
        super().__init__(scene, work, volumes, settings, say)
        self._on_placed = on_placed
        self._arrangement = Arrangement(scene)
        self.pauses = Pauses(self, pace or Pace())
        modes: tuple[Mode, ...] = (GangliaMode(self), ContoursMode(self), RootsMode(self), ReviewMode(self))
        self.modes = {mode.name: mode for mode in modes}
        self.mode: Mode = self.modes[GANGLIA_MODE]

    @property
    def mode_name(self) -> str:
        """How the annotator works now."""
        return self.mode.name

    @property
    def place(self) -> Place | None:
        """The place that is worked on now."""
        return self.mode.place

    def _edited(self, step: Step) -> None:
        self.pauses.edited()
        super()._edited(step)
        self.mode.show()

    # -- ways

    def go_to_place(self, place: Place) -> None:
        """Work on a place, in the mode that it belongs to unless this is the review."""
        if self.mode.name not in (REVIEW_MODE, _mode_of(place)):
            self.set_mode(_mode_of(place))
        self.mode.go_to(place)

    def set_mode(self, name: str) -> None:
        """Change the mode."""
        if name != GANGLIA_MODE and self.annotation.planes is None:
            self.say(_("The slices are not known: give the CISS image."))
            return
        if GANGLIA_MODE in (name, self.mode.name):
            self.pauses.arranged()
        if name == GANGLIA_MODE and self.mode.name != GANGLIA_MODE:
            self.display.keep_framing()
        self.mode.leave()
        self.mode = self.modes[name]
        if self.settings.arrange_views:
            self._arrangement.arrange(name, sum(image in self.volumes for image in OVERVIEWS))
        if name == GANGLIA_MODE:
            self.display.show_overviews()
        elif self.view is not None and not self.view.shows(self.volumes.get("CISS")):
            self.display.show_ciss()
        self.mode.enter()
        self.draw_slice()
        self.revision += 1

    def then(self, go_on: Callable[[], None]) -> None:
        """Go on with this once the view has drawn what was placed: it is seen where it was clicked."""
        self.pauses.then(go_on)
        self._on_placed(self.crosshair.view_under_pointer())

    # -- what is seen

    def draw_slice(self) -> None:
        """Draw what lies on the slice that is shown."""
        self.display.draw_slice(self._number, self.mode.edited, ghosts=self.mode.name == ROOTS_MODE)

    def settle(self) -> None:
        """Stepping has paused: do what takes a moment."""
        self.mode.settle()

    def frame(self) -> None:
        """The views were arranged anew: show what is worked on at its size."""
        if self.mode.name == GANGLIA_MODE:
            self.display.fit_overviews()
            self.mode.go_to(self.mode.place)
        else:
            self.display.frame()

    def toggle_placing(self) -> None:
        """Let clicks place, or let them drag what is placed."""
        node = self.contour if self.mode.name == CONTOURS_MODE else self.point
        if node.armed:
            node.disarm()
        else:
            node.arm()

    @property
    def view_fault(self) -> str:
        """What is wrong with the CISS view, a sentence; empty if nothing. `display.show_ciss` mends it."""
        if self.view is None or self.mode.name == GANGLIA_MODE:
            return ""
        if not self.view.shows(self.volumes.get("CISS")):
            return _("The view shows another image than CISS.")
        if not self.view.is_aligned:
            return _("The view is turned: it does not show one slice of CISS.")
        return ""

    # -- what comes from the scene

    def _stepped(self, number: int) -> None:
        self._number = number
        self.pauses.stepped()
        self.mode.stepped()
        self.draw_slice()
        self.touch()
        self.revision += 1

    def _placed(self, position: NDArray[np.float64]) -> None:
        self.mode.placed(position)

    def _moved(self, position: NDArray[np.float64]) -> None:
        self.mode.moved(position)

    def _removed(self) -> None:
        self.mode.removed()

    def _contour_changed(self, points: Any) -> None:
        self.mode.contour_changed(points)

    def restore(self) -> None:
        """Make nodes again that the user took out of the scene, and load images again."""
        self._restore_images()
        self.display.restore()
        self.point.restore()
        self.contour.restore()
        self.mode.show()

    def _restore_images(self) -> None:
        for name, volume in list(self.volumes.items()):
            if not self.scene.IsNodePresent(volume):
                try:
                    self.volumes[name] = volume_node(self.work.images[name], self.scene)
                except SpineRootError as error:
                    self.say(str(error))
                    continue
                self.display.folder.adopt(self.volumes[name])
                if name == "CISS":
                    self.display.show_ciss()
                elif self.mode.name == GANGLIA_MODE:
                    self.display.show_overviews()

    def close(self) -> None:
        """Leave the mode and take our nodes out of the scene; saving is the work's own."""
        self.pauses.go_on()
        remember(self)
        self.mode.leave()
        self.point.close()
        self.contour.close()
        self.display.close()
        self._arrangement.give_back()


def _mode_of(place: Place) -> str:
    if place.structure == GANGLIA:
        return GANGLIA_MODE
    return ROOTS_MODE if place.structure == ROOTS else CONTOURS_MODE
