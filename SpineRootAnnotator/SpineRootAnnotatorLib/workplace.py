"""What lies open of one subject, and what can be done to it in every mode."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib.display import SubjectDisplay
from SpineRootAnnotatorLib.settings import SessionSettings
from SpineRootAnnotatorLib.tracer_of_volumes import tracer_of
from SpineRootAnnotatorLib.work.coverage import Coverage
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.live_checks import LiveChecks
from SpineRootAnnotatorLib.work.marks import Mark, read_mark
from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import DURA, GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.translation import _
from SpineRootScene.active_contour import ActiveContour
from SpineRootScene.active_point import ActivePoint
from SpineRootScene.ciss_view import CissView
from SpineRootScene.crosshair import Crosshair


class Workplace(ABC):
    """The annotation, the images and the views of a subject; what a mode works on.

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
    ):
        self.scene, self.work, self.volumes, self.settings = scene, work, volumes, settings
        self.say = say
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
        self.crosshair = Crosshair(scene)
        folder = self.display.folder
        self.point = ActivePoint(folder, self._placed, self._moved, self._removed)
        self.contour = ActiveContour(folder, self._contour_changed, say)

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

    @property
    @abstractmethod
    def mode_name(self) -> str:
        """How the annotator works now."""

    @property
    @abstractmethod
    def place(self) -> Place | None:
        """The place that is worked on now."""

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
        self.revision += 1
        self.touch()
        self.draw_slice()

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

    @abstractmethod
    def go_to_place(self, place: Place) -> None:
        """Work on a place, in the mode that it belongs to unless this is the review."""

    @abstractmethod
    def set_mode(self, name: str) -> None:
        """Change the mode."""

    @abstractmethod
    def then(self, go_on: Callable[[], None]) -> None:
        """Go on with this once the view has drawn what was placed."""

    def look_at_point(self, point: ArrayLike) -> None:
        """Bring all slice views but that of CISS to a RAS point, (3,)."""
        x, y, z = np.asarray(point, dtype=np.float64).reshape(-1)[:3]
        kept = None if self.view is None else self.view.node
        centred = slicer.vtkMRMLSliceNode.CenteredJumpSlice
        slicer.vtkMRMLSliceNode.JumpAllSlices(self.scene, x, y, z, centred, -1, kept)
        self.crosshair.point_at(x, y, z)

    # -- what is seen

    @abstractmethod
    def draw_slice(self) -> None:
        """Draw what lies on the slice that is shown."""

    @abstractmethod
    def settle(self) -> None:
        """Stepping has paused: do what takes a moment."""

    @abstractmethod
    def frame(self) -> None:
        """The views were arranged anew: show what is worked on at its size."""

    @abstractmethod
    def restore(self) -> None:
        """Make nodes again that the user took out of the scene."""

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

    # -- what comes from the scene

    @abstractmethod
    def _stepped(self, number: int) -> None:
        """Another slice is shown."""

    @abstractmethod
    def _placed(self, position: NDArray[np.float64]) -> None:
        """A click placed the point."""

    @abstractmethod
    def _moved(self, position: NDArray[np.float64]) -> None:
        """The point was dragged."""

    @abstractmethod
    def _removed(self) -> None:
        """The point was deleted in a view."""

    @abstractmethod
    def _contour_changed(self, points: Any) -> None:
        """The contour was edited."""
