"""What a mode sees of the open subject that it works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib.display import SubjectDisplay
from SpineRootAnnotatorLib.long_work import Result
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.settings import SessionSettings
from SpineRootAnnotatorLib.work.coverage import Coverage
from SpineRootAnnotatorLib.work.history import Edit, Step
from SpineRootAnnotatorLib.work.live_checks import LiveChecks
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootAnnotatorLib.work.repeat_book import RepeatBook
from SpineRootAnnotatorLib.work.subject_work import SubjectWork
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.progress import Progress
from SpineRootLib.slice_index import SliceIndex
from SpineRootScene.active_contour import ActiveContour
from SpineRootScene.active_point import ActivePoint
from SpineRootScene.ciss_view import CissView


class Subject(Protocol):
    """An open subject, as modes and what leads through them use it; `open_subject.OpenSubject` is one."""

    settings: SessionSettings
    work: SubjectWork
    display: SubjectDisplay
    point: ActivePoint
    contour: ActiveContour
    remark: str

    # what is worked on; setting it shows nothing by itself

    root: Root
    structure: str

    @property
    def annotation(self) -> Annotation:
        """What is annotated."""

    @property
    def confirmed(self) -> Annotation:
        """What is annotated without what its files only propose: what a tracer may rest on."""

    @property
    def volumes(self) -> Mapping[str, Any]:
        """The nodes of the images by name."""

    @property
    def planes(self) -> SlicePlanes:
        """The slices of CISS."""

    @property
    def index(self) -> SliceIndex:
        """What lies on which slice."""

    @property
    def proposals(self) -> ProposalBook:
        """What is proposed and not yet accepted."""

    @property
    def coverage(self) -> Coverage:
        """What is placed, proposed and missing."""

    @property
    def checks(self) -> LiveChecks:
        """The findings of all rules."""

    @property
    def view(self) -> CissView | None:
        """The CISS view."""

    @property
    def ciss_view_ids(self) -> tuple[str, ...]:
        """The views in which contours and roots are edited; none for all."""

    @property
    def number(self) -> int:
        """The slice that is shown."""

    @property
    def mode_name(self) -> str:
        """How the annotator works now."""

    @property
    def place(self) -> Place | None:
        """The place that is worked on now."""

    def mark(self, place: Place) -> Mark | None:
        """What is marked in a place."""

    @property
    def repeats(self) -> RepeatBook:
        """What is asked for a second time."""

    def ask(self, place: Place | None) -> None:
        """Ask for a root's place a second time; None to ask for nothing."""

    def answer(self, points: ArrayLike) -> None:
        """Put the second mark, (1, 3) RAS mm, beside the first of the place that is asked for."""

    def on_slice(self, point: ArrayLike, number: int | None) -> NDArray[np.float64]:
        """A RAS point, (3,), moved along the normal onto a slice."""

    def edit(self, place: Place, after: Mark | None) -> Edit:
        """The edit that marks something in a place, None to clear it."""

    def put(self, place: Place, after: Mark | None) -> None:
        """Mark something in a place, None to clear it; it can be undone."""

    def do(self, step: Step) -> None:
        """Make an edit."""

    def go_to(self, number: int) -> None:
        """Show a slice."""

    def go_to_place(self, place: Place) -> None:
        """Work on a place, in the mode that it belongs to unless this is the review."""

    def set_mode(self, name: str) -> None:
        """Change the mode."""

    def then(self, go_on: Callable[[], None]) -> None:
        """Go on with this once the view has drawn what was placed."""

    def draw_slice(self) -> None:
        """Draw what lies on the slice that is shown."""

    def say(self, text: str, kind: Kind = Kind.NOTE) -> None:
        """Show a sentence to the annotator."""

    def was_dragged(self) -> bool:
        """Whether what is placed now comes from a drag."""

    def hint_changed(self) -> None:
        """What to do next is another."""

    def in_pieces(self, title: str, work: Callable[[Progress], Result]) -> Result | None:
        """Do what may take longer than a moment, under a title; None if it was stopped, which is said."""
