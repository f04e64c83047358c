"""One subject while it is worked on: its marks, its views, and the mode that says what clicks, keys and pauses do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.display import OVERVIEWS, SubjectDisplay
from SpineRootAnnotatorLib.idle_tasks import IdleTasks
from SpineRootAnnotatorLib.keys import CONTOURS_MODE, GANGLIA_MODE, REVIEW_MODE, ROOTS_MODE
from SpineRootAnnotatorLib.layouts import Arrangement
from SpineRootAnnotatorLib.long_work import Result, Show, StoppableWork
from SpineRootAnnotatorLib.modes.contours import ContoursMode
from SpineRootAnnotatorLib.modes.ganglia import GangliaMode
from SpineRootAnnotatorLib.modes.mode import Mode
from SpineRootAnnotatorLib.modes.review import ReviewMode
from SpineRootAnnotatorLib.modes.roots import RootsMode
from SpineRootAnnotatorLib.resume_position import remember
from SpineRootAnnotatorLib.saying import Kind, Say
from SpineRootAnnotatorLib.settings import Pace, SessionSettings
from SpineRootAnnotatorLib.strip_of_root import StripOfRoot
from SpineRootAnnotatorLib.work.history import Step
from SpineRootAnnotatorLib.work.marked_subject import MarkedSubject
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootLib.tracing import Tracer
from SpineRootLib.translation import _
from SpineRootScene.active_contour import ActiveContour
from SpineRootScene.active_point import ActivePoint
from SpineRootScene.ciss_view import CissView
from SpineRootScene.volumes import image_of


class OpenSubject(MarkedSubject):
    """Connects a subject's marks with the views and modes.

    Parameters
    ----------
    volumes : the images by name.
    say : shows a sentence to the annotator.
    changed : takes note of what changed.
    on_placed : called when a click placed a point, with the layout name of the view it was in, as far as it is known:
        it is to be drawn before anything else.
    show_progress : shows how far long work is.
    was_dragged : whether what is placed comes from a drag.
    """

    def __init__(
        self,
        scene: Any,
        work: SubjectWork,
        volumes: dict[str, Any],
        settings: SessionSettings,
        say: Say,
        changed: Callable[[Change], None],
        on_placed: Callable[[str | None], None],
        show_progress: Show = lambda _title, _fraction: None,
        was_dragged: Callable[[], bool] = lambda: False,
        pace: Pace | None = None,
    ):
        self._strip_due = True  # what the strip shows has changed
        self._changed, self._on_placed = changed, on_placed
        super().__init__(work, lambda: volume_tracer(volumes), self._marks_changed, self._proposals_changed)
        self.scene, self.volumes, self.settings, self.say = scene, volumes, settings, say
        self.was_dragged = was_dragged
        self.remark = ""
        self.edits = 0
        self._root: Root = work.annotation.expected_roots()[0]
        self._structure = DURA
        self._number = 1
        self._hidden = False
        self._drawing = self._to_draw = False
        self.is_closed = False
        self.long_work = StoppableWork(show_progress, pace or Pace())
        self._arrangement = Arrangement(scene)
        self.idle_tasks = IdleTasks(self, pace or Pace())
        modes: tuple[Mode, ...] = (GangliaMode(self), ContoursMode(self), RootsMode(self), ReviewMode(self))
        self.modes = {mode.name: mode for mode in modes}
        self.mode: Mode = self.modes[GANGLIA_MODE]
        self.display = SubjectDisplay(scene, self.index, volumes, self.proposals, settings, self._stepped)
        with ExitStack() as undone:
            undone.callback(self.display.close)
            self.strip = StripOfRoot(self, self._move_on_strip)
            self.point = self._active_point()
            undone.callback(self.point.close)
            self.contour = self._active_contour()
            undone.pop_all()

    def _active_point(self) -> ActivePoint:
        return ActivePoint(
            self.display.folder,
            on_placed=lambda position: self._take(lambda: self.mode.placed(position)),
            on_moved=lambda position: self._take(lambda: self.mode.moved(position)),
            on_removed=lambda: self.mode.removed(),
        )

    def _active_contour(self) -> ActiveContour:
        def changed(points: Points) -> None:
            self._take(lambda: self.mode.contour_changed(points))

        return ActiveContour(self.display.folder, changed, lambda why: self.say(why, Kind.REFUSED))

    def _take(self, marked: Callable[[], None]) -> None:
        """Take what was placed or dragged in a view, unless it is seen elsewhere than it would be saved."""
        self.say("")  # what was said was about what is taken now
        if fault := self._click_fault:
            self.say(_("NOT TAKEN. {why}").format(why=fault), Kind.REFUSED)
            self.mode.show()
        else:
            marked()

    @property
    def _click_fault(self) -> str:
        """Why nothing can be marked now in the view under the pointer, a sentence; empty if it can."""
        if self.long_work.is_running:
            return _("{work}: wait, or stop it.").format(work=self.long_work.title)
        if self.mode.name == GANGLIA_MODE:
            return self._moved_fault or self.display.foreign_fault(self.display.crosshair.view_under_pointer())
        # a point that is clicked in a turned view belongs to the nearest slice; a contour to none
        return self.display.image_fault if self.mode.name == ROOTS_MODE else self.display.view_fault

    def hint_changed(self) -> None:
        """What to do next is another."""
        self._changed(Change.MESSAGE)

    def in_pieces(self, title: str, work: Callable[[Progress], Result]) -> Result | None:
        """Do what may take longer than a moment; None if it was stopped, which is said."""
        done = self.long_work.run(title, work)
        if done is None and not self.is_closed:
            self.say(_("Stopped: nothing new is proposed."))
        return done

    @property
    def _moved_fault(self) -> str:
        return self.display.moved_fault(*(self.volumes if self.mode.name == GANGLIA_MODE else ("CISS",)))

    # -- what is worked on

    @property
    def root(self) -> Root:
        """The root that is worked on."""
        return self._root

    @root.setter
    def root(self, root: Root) -> None:
        self._root = root
        self._show_strip(changed=True)
        self._changed(Change.PLACE)

    @property
    def structure(self) -> str:
        """Whose contours are worked on."""
        return self._structure

    @structure.setter
    def structure(self, structure: str) -> None:
        self._structure = structure
        self._changed(Change.PLACE)

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

    @property
    def mode_name(self) -> str:
        """How the annotator works now."""
        return self.mode.name

    @property
    def place(self) -> Place | None:
        """The place that is worked on now."""
        return self.mode.place

    # -- edits

    def undo(self) -> Step | None:
        """Undo the last edit and go to where it was."""
        return self._went_back(super().undo())

    def redo(self) -> Step | None:
        """Do the last undone edit again and go to where it is."""
        return self._went_back(super().redo())

    def ask(self, place: Place | None) -> None:
        """Ask for a root's place a second time, its mark hidden in all views until it is answered."""
        super().ask(place)
        self._strip_due = True
        self.display.draw_space()
        self.draw_slice()
        self.mode.show()
        self.hint_changed()

    def _went_back(self, step: Step | None) -> Step | None:
        if step is None:
            self.say(_("There is nothing left to undo or redo."))
        else:
            self.go_to_place(step.places[0])
        return step

    def _marks_changed(self) -> None:
        self.idle_tasks.edited()
        self.edits += 1
        self._changed(Change.MARKS)
        self.touch()
        self._strip_due = True
        self.draw_slice()
        self.mode.show()

    def _proposals_changed(self) -> None:
        self._strip_due = True
        self._changed(Change.PROPOSALS)

    def touch(self) -> None:
        """The annotator is active, on what the mode says."""
        self.work.stopwatch.touch(None if self.place is None else self.place.key)

    # -- ways

    def go_to(self, number: int) -> None:
        """Show a slice; the view keeps its zoom, and its middle stays where it is to the thecal sac."""
        if self.annotation.planes is None:
            return
        number = int(np.clip(number, 1, self.planes.count))
        if self.view is not None:
            self.view.go_to(number, self.display.sac_shift(self._number, number))
        if number != self._number:  # without a view, or where the view is on that slice already
            self._stepped(number)

    def go_to_place(self, place: Place) -> None:
        """Work on a place, in the mode that it belongs to unless this is the review."""
        if self.mode.name not in (REVIEW_MODE, _mode_of(place)):
            self.set_mode(_mode_of(place))
        self.mode.go_to(place)

    def set_mode(self, name: str) -> None:
        """Change the mode."""
        if name != GANGLIA_MODE and self.annotation.planes is None:
            unknown = _(
                "The slices are not known: choose the CISS image in the section Subject, under"
                " 'Levels, and images chosen by hand'."
            )
            self.say(unknown, Kind.REFUSED)
            return
        if GANGLIA_MODE in (name, self.mode.name):
            self.idle_tasks.arranged()
        if name == GANGLIA_MODE and self.mode.name != GANGLIA_MODE:
            self.display.keep_framing()
        self.mode.leave()
        self.mode = self.modes[name]
        self.strip.forget()
        self._strip_due = True
        self._arrange()
        if name == GANGLIA_MODE:
            self.display.show_overviews()
        elif self.view is not None and not self.view.shows(self.volumes.get("CISS")):
            self.display.show_ciss()
        if name == ROOTS_MODE:
            self.display.come_close()
        self.mode.enter()
        self.draw_slice()
        self._changed(Change.MODE)

    def _arrange(self) -> None:
        if self.settings.arrange_views:
            overviews = sum(image in self.volumes for image in OVERVIEWS)
            self._arrangement.arrange(self.mode.name, overviews, self.settings.is_narrow(), self.strip.shown)

    def toggle_strip(self) -> None:
        """Show the root that is worked on straightened, in a view beside the slice, or no longer."""
        self.strip.wanted = not self.strip.wanted
        self._arrange()
        self.idle_tasks.arranged()
        self.strip.refresh()
        if self.strip.shown and self.strip.marked is None:
            text = _("Nothing of {root} is marked or proposed yet: its strip follows once something is.")
            self.say(text.format(root=self.root), Kind.REFUSED)
        self._changed(Change.MODE)

    def _move_on_strip(self, number: int, point: NDArray[np.float64]) -> None:
        """Set the active root's point as if it had been dragged in its slice."""
        self.go_to(number)
        self._take(lambda: self.mode.moved(point))

    def then(self, go_on: Callable[[], None]) -> None:
        """Go on with this once the view has drawn what was placed: it is seen where it was clicked."""
        self.idle_tasks.then(go_on)
        self._on_placed(self.display.crosshair.view_under_pointer())

    # -- what is seen

    def draw_slice(self) -> None:
        """Draw what lies on the slice that is shown; a view that moves meanwhile is drawn afterwards."""
        self._to_draw = True
        if self._drawing:
            return
        self._drawing = True
        try:
            while self._to_draw:
                self._to_draw = False
                self._draw_slice()
        finally:
            self._drawing = False

    def _draw_slice(self) -> None:
        if self.mode.name in (ROOTS_MODE, REVIEW_MODE):
            self.repeats.seen(Place(ROOTS, self._root, self._number))
        active = self._root if self.mode.name == ROOTS_MODE else None
        named = self.mode.name in (ROOTS_MODE, REVIEW_MODE)
        self.display.draw_slice(self._number, self.mode.edited, active, named)
        self._show_strip()

    def _show_strip(self, changed: bool = False) -> None:
        if changed or self._strip_due:
            self.strip.refresh()
        else:
            self.strip.stepped()
        self._strip_due = self._strip_due and not self.strip.shown

    def hide(self, hidden: bool) -> None:
        """Hide all that is annotated, to see the image alone."""
        self._hidden = hidden
        self.display.hide(hidden)
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
        """What is wrong with the views, a sentence; empty if nothing. `mend_view` mends it but for a moved image."""
        if self.mode.name != GANGLIA_MODE:
            return self.display.view_fault
        return self._moved_fault or self.display.overview_fault

    def mend_view(self) -> None:
        """Put the subject's own images back into the views."""
        if self.mode.name == GANGLIA_MODE:
            self.display.show_overviews()
        else:
            self.display.show_ciss()

    # -- what is done when the annotator pauses

    def settle(self) -> None:
        """Stepping has paused: do what takes a moment."""
        self.mode.settle()

    def frame(self) -> None:
        """The views were arranged anew: show what is worked on at its size."""
        if self.mode.name == GANGLIA_MODE:
            self.display.fit_overviews()
            if self.place is not None:
                self.mode.go_to(self.place)
        else:
            self.display.frame()
            self.strip.frame()

    def save(self) -> None:
        """Hand what changed to the autosave, and where the annotator is."""
        remember(self)
        self.work.save_changes()

    def check(self) -> None:
        """Draw all in 3D, and look for findings again."""
        self.display.draw_space()
        self.checks.run()
        self._changed(Change.FINDINGS)

    def restore(self) -> None:
        """Make nodes again that the user took out of the scene, and load images again."""
        loaded = self.display.restore_images(self.work.images, self.say)
        if "CISS" in loaded:
            self.display.show_ciss()
        elif loaded and self.mode.name == GANGLIA_MODE:
            self.display.show_overviews()
        self.display.restore()
        self.strip.restore()
        for node in (self.point, self.contour):
            node.restore()
        for node in (self.point, self.contour):  # Slicer makes the node that came last the one that clicks go to
            node.keep_armed()
        self.mode.show()

    # -- what comes from the scene

    def _stepped(self, number: int) -> None:
        self._number = number
        self.say("")  # what was said was about another slice
        self.idle_tasks.stepped()
        self.mode.stepped()
        self.draw_slice()
        self.touch()
        self._changed(Change.SLICE)

    def close(self) -> None:
        """Leave the mode and take our nodes out of the scene, each whatever fails before; saving is the work's own."""
        self.is_closed = True
        with ExitStack() as steps:
            for step in (self._arrangement.give_back, self.display.close, self.contour.close, self.point.close):
                steps.callback(step)
            steps.callback(self.strip.hands.release)
            steps.callback(lambda: self.mode.leave())
            self.idle_tasks.go_on()


def volume_tracer(volumes: dict[str, Any]) -> Tracer | None:
    """A tracer on the images that are in the scene, so that no file is read twice; None without CISS."""
    ciss = volumes.get("CISS")
    if ciss is None:
        return None
    overviews = {name: image_of(volume) for name, volume in volumes.items() if name != "CISS"}
    return Tracer(image_of(ciss), overviews=overviews)


def _mode_of(place: Place) -> str:
    if place.structure == GANGLIA:
        return GANGLIA_MODE
    return ROOTS_MODE if place.structure == ROOTS else CONTOURS_MODE
