"""One subject while it is worked on: what a click, a key and a pause do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib import layouts
from SpineRootAnnotatorLib.active_contour import ActiveContour
from SpineRootAnnotatorLib.active_point import ActivePoint
from SpineRootAnnotatorLib.ciss_view import CissView
from SpineRootAnnotatorLib.coverage import Coverage
from SpineRootAnnotatorLib.crosshair import Crosshair
from SpineRootAnnotatorLib.display import SubjectDisplay
from SpineRootAnnotatorLib.history import Edit, Step
from SpineRootAnnotatorLib.keys import CONTOURS_MODE, GANGLIA_MODE, ROOTS_MODE
from SpineRootAnnotatorLib.live_checks import LiveChecks
from SpineRootAnnotatorLib.marks import Mark, Place, read_mark
from SpineRootAnnotatorLib.modes.contours import ContoursMode
from SpineRootAnnotatorLib.modes.ganglia import GangliaMode
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.modes.review import ReviewMode
from SpineRootAnnotatorLib.modes.roots import RootsMode
from SpineRootAnnotatorLib.overview import SliceIndex
from SpineRootAnnotatorLib.pauses import Pauses
from SpineRootAnnotatorLib.proposals import ProposalBook
from SpineRootAnnotatorLib.resuming import remember
from SpineRootAnnotatorLib.settings import Pace, SessionSettings
from SpineRootAnnotatorLib.subject_work import SubjectWork
from SpineRootAnnotatorLib.texts import _
from SpineRootAnnotatorLib.tracer_of_volumes import tracer_of
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.planes import SlicePlanes


class OpenSubject:
    """Connects one annotator's work on a subject with what is on the scene.

    Parameters
    ----------
    volumes : the images by name.
    say : shows a sentence to the annotator.
    """

    def __init__(
        self,
        scene: Any,
        work: SubjectWork,
        volumes: dict[str, Any],
        settings: SessionSettings,
        say: Callable[[str], None],
        pace: Pace | None = None,
    ):
        self.scene, self.work, self.volumes, self.settings = scene, work, volumes, settings
        self.say = say
        self.pauses = Pauses(self, pace or Pace())
        self.proposals = ProposalBook(lambda: tracer_of(volumes))
        self.display = SubjectDisplay(scene, work.annotation, volumes, self.proposals, settings, self._stepped)
        self.coverage = Coverage(self.index, self.proposals.has)
        self.checks = LiveChecks(work.annotation)
        self.root: Root = work.annotation.expected_roots()[0]
        self.structure = DURA
        self.remark = ""
        self.revision = 0
        self._number = 1
        self._hidden = False
        self._drawing_once, self._drawn = False, True
        self.crosshair = Crosshair(scene)
        folder = self.display.folder
        self.point = ActivePoint(folder, self._placed, self._moved, self._removed)
        self.contour = ActiveContour(folder, self._contour_changed, say)
        modes: tuple[Mode, ...] = (GangliaMode(self), ContoursMode(self), RootsMode(self), ReviewMode(self))
        self.modes = {mode.name: mode for mode in modes}
        self.mode: Mode = self.modes[GANGLIA_MODE]

    # -- what is asked of it

    @property
    def annotation(self) -> Annotation:
        """What is annotated."""
        return self.work.annotation

    @property
    def planes(self) -> SlicePlanes:
        """The slices of CISS."""
        return self.annotation.require_planes()

    @property
    def index(self) -> SliceIndex:
        """What lies on which slice."""
        return self.display.index

    @property
    def view(self) -> CissView | None:
        """The CISS view."""
        return self.display.view

    @property
    def ciss_view_ids(self) -> tuple[str, ...]:
        """The views in which contours and roots are edited; none for all."""
        return () if self.view is None else (self.view.node.GetID(),)

    @property
    def number(self) -> int:
        """The slice that is shown."""
        return self._number

    def mark(self, place: Place) -> Mark | None:
        """What is marked in a place."""
        return read_mark(self.annotation, place)

    def on_slice(self, point: ArrayLike, number: int | None) -> NDArray[np.float64]:
        """A RAS point, (3,), moved along the normal onto a slice."""
        assert number is not None
        return self.planes.lift(self.planes.flatten(point), number)[0]

    # -- edits

    def put(self, place: Place, after: Mark | None) -> None:
        """Mark something in a place, None to clear it; it can be undone."""
        self.do(Step((Edit(place, self.mark(place), after),)))

    def do(self, step: Step) -> None:
        """Make an edit."""
        self.work.do(step)
        self._edited(step)

    def undo(self) -> None:
        """Undo the last edit and go to where it was."""
        self._gone_back(self.work.undo())

    def redo(self) -> None:
        """Do the last undone edit again and go to where it is."""
        self._gone_back(self.work.redo())

    def _gone_back(self, step: Step | None) -> None:
        if step is None:
            self.say(_("There is nothing more."))
            return
        self._edited(step)
        self.go_to_place(step.places[0])

    def _edited(self, step: Step) -> None:
        for place in step.places:
            self.proposals.drop(place)
            if place.root is None:
                self.index.refresh_contours(place.structure)
            elif place.structure == ROOTS:
                self.index.refresh_root(place.root)
        for row in {self.coverage.rows.index(place.row) for place in step.places if place.structure != GANGLIA}:
            self.coverage.refresh(row)
        self.pauses.edited()
        self.revision += 1
        self.touch()
        self.draw_slice()
        self.mode.show()

    def touch(self) -> None:
        """The annotator is active, on what the mode says."""
        place = self.mode.place
        self.work.stopwatch.touch(None if place is None else place.key)

    # -- ways

    def go_to(self, number: int) -> None:
        """Show a slice; the view keeps its zoom, and its middle stays where it is to the thecal sac."""
        if self.annotation.planes is None:
            return
        number = int(np.clip(number, 1, self.planes.count))
        if self.view is not None:
            self.view.go_to(number, self.display.sac_shift(self._number, number))
        elif number != self._number:
            self._stepped(number)

    def go_to_place(self, place: Place) -> None:
        """Work on a place, in the mode that it belongs to unless this is the review."""
        if self.mode.name not in ("review", _mode_of(place)):
            self.set_mode(_mode_of(place))
        self.mode.go_to(place)

    def set_mode(self, name: str) -> None:
        """Change the mode."""
        if name != GANGLIA_MODE and self.annotation.planes is None:
            self.say(_("The slices are not known: give the CISS image."))
            return
        if name != GANGLIA_MODE and self.mode.name == GANGLIA_MODE:
            self.pauses.arranged()
        self.mode.leave()
        self.mode = self.modes[name]
        if self.settings.arrange_views:
            layouts.arrange(self.scene, name)
        if name == GANGLIA_MODE:
            self.display.show_overviews()
        elif self.view is not None and not self.view.shows(self.volumes.get("CISS")):
            self.display.show_ciss()
        self.mode.enter()
        self.draw_slice()
        self.revision += 1

    def look_at_point(self, point: ArrayLike) -> None:
        """Bring all slice views but that of CISS to a RAS point, (3,)."""
        x, y, z = np.asarray(point, dtype=np.float64).reshape(-1)[:3]
        kept = None if self.view is None else self.view.node
        centred = slicer.vtkMRMLSliceNode.CenteredJumpSlice
        slicer.vtkMRMLSliceNode.JumpAllSlices(self.scene, x, y, z, centred, -1, kept)
        self.crosshair.point_at(x, y, z)

    # -- what is seen

    def draw_slice(self) -> None:
        """Draw what lies on the slice that is shown."""
        self._drawn = not self._drawing_once
        if self._drawing_once:
            return
        edited = getattr(self.mode, "edited", None)
        self.display.draw_slice(self._number, edited, ghosts=self.mode.name == ROOTS_MODE)

    @contextlib.contextmanager
    def drawing_once(self) -> Iterator[None]:
        """Within, several edits and steps are drawn together at the end."""
        self._drawing_once = True
        try:
            yield
        finally:
            self._drawing_once = False
            if not self._drawn:
                self.draw_slice()

    def hide(self, hidden: bool) -> None:
        """Hide all that is annotated, to see the image alone."""
        self._hidden = hidden
        for model in (self.display.in_space, self.display.on_slice):
            model.visible = not hidden
        for node in (self.point, self.contour):
            node.display.SetVisibility(not hidden)

    def toggle_hidden(self) -> None:
        """Hide all that is annotated, or show it again."""
        self.hide(not self._hidden)

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
        with self.drawing_once():
            self.mode.placed(position)

    def _moved(self, position: NDArray[np.float64]) -> None:
        self.mode.moved(position)

    def _removed(self) -> None:
        self.mode.removed()

    def _contour_changed(self, points: Any) -> None:
        self.mode.contour_changed(points)

    def restore(self) -> None:
        """Make nodes again that the user took out of the scene."""
        self.display.restore()
        self.point.restore()
        self.contour.restore()
        self.mode.show()

    def close(self) -> None:
        """Leave the mode and take our nodes out of the scene; saving is the work's own."""
        remember(self)
        self.mode.leave()
        self.point.close()
        self.contour.close()
        self.display.close()


def _mode_of(place: Place) -> str:
    if place.structure == GANGLIA:
        return GANGLIA_MODE
    return ROOTS_MODE if place.structure == ROOTS else CONTOURS_MODE
