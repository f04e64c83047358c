"""A comparison on the scene: tables, charts, each annotator's marks, and the place that is discussed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.consensus import Consensus
from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.places import marks_of
from SpineRootLib.agreement.raters import CONSENSUS
from SpineRootLib.agreement.resolutions import CORRECTED
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.agreement_charts import RootsChart, SlicesChart
from SpineRootModelerLib.agreement_table import AgreementTable
from SpineRootModelerLib.comparison import Comparison
from SpineRootModelerLib.correction import Correction
from SpineRootModelerLib.disagreement_table import DisagreementTable
from SpineRootModelerLib.discussion import Discussion
from SpineRootModelerLib.drawn_once import drawn_once
from SpineRootModelerLib.folder import ModelerFolder
from SpineRootModelerLib.raters_display import RatersDisplay
from SpineRootModelerLib.subject_scene import SubjectScene
from SpineRootScene.appearance import Appearance

# half of what a root is thick, so that two annotators' marks on one root are told apart
_MARK_MM = 0.35


class ComparisonScene:
    """Shows a comparison and its discussion.

    Parameters
    ----------
    on_settled : called with the place when something was settled or opened again.
    say : shows a sentence to the user.
    """

    @drawn_once()
    def __init__(
        self,
        subject: SubjectScene,
        comparison: Comparison,
        discussion: Discussion,
        on_settled: Callable[[Place], None],
        say: Callable[[str], None],
    ):
        self.subject, self.comparison, self.discussion = subject, comparison, discussion
        self._on_settled, self._say = on_settled, say
        # where the user went last; None before
        self.gone_to: Place | None = None
        self.folder = folder = ModelerFolder(subject.scene, subject.folder.title)
        subject.use_planes(comparison.raters.planes)
        self.display = RatersDisplay(folder, comparison.raters.labels, Appearance(point_mm=_MARK_MM), subject.view_id)
        for label, annotation in comparison.raters.annotations.items():
            self.display.put(label, annotation, comparison.raters.marks[label])
        self.table = AgreementTable(folder, comparison)
        self.roots_chart = RootsChart(folder, comparison)
        self.slices_chart = SlicesChart(folder, comparison)
        self.disagreements = DisagreementTable(folder, discussion)
        self.correction = Correction(folder, comparison.raters.planes, self._corrected, say, subject.view_id)
        if subject.view is not None:
            self.display.draw_slice(subject.view.number)
        self.roots_chart.chart.show()
        if outdated := discussion.outdated():
            say("; ".join(outdated))

    def look_at_sac(self) -> None:
        """Show the thecal sac on the slice of the first disagreement that lies on one, from side to side."""
        view = self.subject.view
        listed = [each.place.slice for each in self.discussion.disagreements if each.place.slice is not None]
        if view is None or not listed:
            return
        marks = next(iter(self.comparison.raters.marks.values()))
        on_slice = [points for place, points in marks.items() if place.slice == listed[0]]
        view.go_to(listed[0])
        if on_slice:
            view.centre_on(np.concatenate(on_slice).mean(axis=0))
            view.zoom_to(Appearance().sac_width_mm)

    # -- what a click leads to

    def go_to_row(self, row: int) -> None:
        """From a row of the table of distances: the structure along the slices, and where it differs most."""
        if 0 <= row < len(self.table.places):
            self.go_to_structure(self.table.places[row])

    @drawn_once()
    def go_to_structure(self, whole: Place) -> None:
        """Show a structure along the slices, and go to where annotators are farthest apart."""
        if whole.is_contour or whole.structure == ROOTS:
            self.slices_chart.show_root(whole)
            self.slices_chart.chart.show()
        worst = self.comparison.worst(whole)
        if worst is not None:
            self.go_to_place(worst)

    @drawn_once()
    def go_to_place(self, place: Place) -> None:
        """Bring the views to a place; to discuss it, if it is listed."""
        if self._discusses(place):
            self._show_current()
        else:
            self._look_at(place, self.comparison.position(place))

    @drawn_once()
    def go_to_point(self, place: Place, point: NDArray[np.float64]) -> None:
        """Bring the views to one annotator's point, (3,) RAS mm, of a place; to discuss the place, if it is listed."""
        listed = self._discusses(place)
        self._look_at(place, point)
        if listed:
            self._show_agreed()

    def click(self, view_node: Any, interactor: Any, pixel: tuple[int, int]) -> bool:
        """Go to the annotator's point at a pixel of a view, from its lower left corner; False if there is none."""
        if view_node.IsA("vtkMRMLSliceNode"):
            found = self.display.seen_on_slice(view_node.GetID()).in_slice(view_node, pixel)
        else:
            renderer = interactor.GetRenderWindow().GetRenderers().GetFirstRenderer()
            found = self.display.seen_in_space().in_space(renderer, pixel)
        if found is not None:
            self.go_to_point(found.place, found.position)
        return found is not None

    def go_to_mark(self, series_id: str, row: int) -> None:
        """From a bar or a point of a chart to what it stands for."""
        for chart in (self.roots_chart.chart, self.slices_chart.chart):
            found = chart.place(series_id, row)
            if isinstance(found, Root):
                self.go_to_structure(Place(ROOTS, found))
            elif isinstance(found, Place):
                self.go_to_place(found)

    # -- discussing

    @property
    def current(self) -> Disagreement | None:
        """What is discussed."""
        return self.discussion.current

    @drawn_once()
    def discuss(self, index: int) -> None:
        """Bring the views to a disagreement."""
        self.discussion.go_to(index)
        self._say("")
        self._show_current()

    @drawn_once()
    def next(self) -> bool:
        """Go to the next place that is not settled; False if all are."""
        found = self.discussion.next()
        if found:
            self._show_current()
        return found

    @drawn_once()
    def take(self, take: str, points: Points | None = None) -> None:
        """Settle the place that is discussed."""
        self._settled(self.discussion.take(take, points))

    @drawn_once()
    def undo(self) -> bool:
        """Take the last step back; False if there is none."""
        place = self.discussion.undo()
        if place is not None:
            self._settled(place)
            self._show_current()
        return place is not None

    def remark(self, text: str) -> None:
        """Keep a remark on the place that is discussed."""
        if self.current is not None:
            self.discussion.set_remark(self.current.place, text)
            self.disagreements.refresh()

    @drawn_once()
    def show_consensus(self, consensus: Consensus) -> None:
        """Show the agreed annotation in white, beside the annotators'."""
        self.display.put(CONSENSUS, consensus.annotation, marks_of(consensus.annotation))

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        self.display.restore()
        self.correction.restore()

    def close(self) -> None:
        """Stop listening; the nodes go with their folder."""
        self.correction.close()

    def _discusses(self, place: Place) -> bool:
        """Discuss a place, if it is listed; else that is said, since what can be taken is still about another."""
        listed = self.discussion.choose(place)
        self._say("" if listed else _("{place} is not among the places to discuss.").format(place=place.title))
        return listed

    def _corrected(self, points: Points) -> None:
        # called by a view, which would say a fault to nobody
        try:
            self.take(CORRECTED, points)
        except SpineRootError as error:
            self._say(str(error))
        except OSError as error:
            self._say(f"{error.filename}: {error.strerror}")

    def _settled(self, place: Place) -> None:
        self.disagreements.refresh()
        self._show_agreed()
        self._on_settled(place)

    def _show_current(self) -> None:
        current = self.current
        if current is not None:
            self._look_at(current.place, np.asarray(current.position))
            self._show_agreed()

    def _look_at(self, place: Place, position: NDArray[np.float64]) -> None:
        """Bring the views to a place, the annotators' marks on them; the chart along the slices follows."""
        self.gone_to = place
        if place.slice is not None and place.whole != self.slices_chart.whole:
            self.slices_chart.show_root(place.whole)
        ganglion = place.structure == GANGLIA
        self.subject.navigation.go_to(position, "DESS" if ganglion else "CISS")
        if ganglion and place.root is not None:
            self.display.draw_ganglion(place.root)
        elif place.slice is not None:
            self.display.draw_slice(place.slice)

    def _show_agreed(self) -> None:
        place: Any = None if self.current is None else self.current.place
        self.correction.show(place, None if place is None else self.discussion.agreed(place))
