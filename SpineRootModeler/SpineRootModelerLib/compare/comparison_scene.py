"""A comparison on the scene: tables, charts, each annotator's marks, and the place that is discussed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.consensus import Consensus
from SpineRootLib.agreement.corresponding_places import marks_of
from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.raters import CONSENSUS
from SpineRootLib.agreement.resolutions import CORRECTED
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.place import Place
from SpineRootLib.sentences import for_panel
from SpineRootLib.translation import _
from SpineRootModelerLib.changes import ModelerChange
from SpineRootModelerLib.compare.agreement_charts import RootsChart, SlicesChart
from SpineRootModelerLib.compare.agreement_table import AgreementTable
from SpineRootModelerLib.compare.comparison_host import Host
from SpineRootModelerLib.compare.correction import Correction
from SpineRootModelerLib.compare.disagreement_table import DisagreementTable
from SpineRootModelerLib.compare.raters_display import RatersDisplay
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.subject_scene import SubjectScene
from SpineRootModelerLib.work.comparison import Comparison
from SpineRootModelerLib.work.discussion import Discussion
from SpineRootScene.appearance import Appearance
from SpineRootScene.render_pause import rendering_paused

# radius of a mark: half of what a root is thick, so that two annotators' marks on one root are told apart
_MARK_MM = 0.35


class ComparisonScene:
    """Shows a comparison and its discussion.

    Parameters
    ----------
    host : the session.
    """

    @rendering_paused()
    def __init__(self, subject: SubjectScene, discussion: Discussion, host: Host):
        self.subject, self.discussion = subject, discussion
        comparison = discussion.comparison
        self._host, self._say = host, host.say
        # where the user went last; None before
        self.gone_to: Place | None = None
        self.folder = folder = ModelerFolder(subject.scene, subject.folder.title)
        planes = comparison.raters.planes
        subject.use_planes(planes)
        self.display = RatersDisplay(folder, comparison.raters.labels, Appearance(point_mm=_MARK_MM), subject.view_id)
        self._put_marks()
        self.table = AgreementTable(folder, comparison)
        self.roots_chart = RootsChart(folder, comparison)
        self.slices_chart = SlicesChart(folder, comparison)
        self.disagreements = DisagreementTable(folder, discussion)
        self.correction = Correction(folder, planes, self._corrected, self._look_at_slice, host.say, subject.view_id)
        if subject.view is not None:
            self.display.draw_slice(subject.view.number)
        self.roots_chart.chart.show()
        if outdated := discussion.outdated():
            host.say(" ".join(outdated))

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

    @rendering_paused()
    def go_to_structure(self, structure: Place) -> None:
        """Show a structure along the slices, and go to where annotators are farthest apart."""
        if structure.is_contour or structure.structure == ROOTS:
            self.slices_chart.show_root(structure)
            self.slices_chart.chart.show()
        worst = self.comparison.worst(structure)
        if worst is not None:
            self.go_to_place(worst)

    @rendering_paused()
    def go_to_place(self, place: Place) -> None:
        """Bring the views to a place; to discuss it, if it is listed."""
        if self._discusses(place):
            self._show_current()
        else:
            self._look_at(place, self.comparison.position(place))
            self._show_agreed()
        self._host.notify(ModelerChange.DISCUSSION)

    @rendering_paused()
    def go_to_point(self, place: Place, point: NDArray[np.float64]) -> None:
        """Bring the views to one annotator's point, (3,) RAS mm, of a place; to discuss the place, if it is listed."""
        self._discusses(place)
        self._look_at(place, point)
        self._show_agreed()
        self._host.notify(ModelerChange.DISCUSSION)

    def click(self, view_node: Any, interactor: Any, pixel: tuple[int, int]) -> bool:
        """Go to the annotator's point at a pixel of a view, from its lower left corner; False if there is none."""
        mark = self.display.mark_at(view_node, interactor, pixel)
        if mark is not None:
            self.go_to_point(mark.place, mark.position)
        return mark is not None

    def go_to_mark(self, series_id: str, row: int) -> None:
        """From a bar or a point of a chart to what it stands for."""
        for chart in (self.roots_chart.chart, self.slices_chart.chart):
            target = chart.place(series_id, row)
            if isinstance(target, Root):
                self.go_to_structure(Place(ROOTS, target))
            elif isinstance(target, Place):
                self.go_to_place(target)

    # -- discussing

    @property
    def comparison(self) -> Comparison:
        """What is compared, names put right as it was settled."""
        return self.discussion.comparison

    @property
    def current(self) -> Disagreement | None:
        """What is discussed."""
        return self.discussion.current

    @property
    def looks_away(self) -> bool:
        """Whether the user went to a place that is not listed: what is discussed is not what is seen."""
        return self.gone_to is not None and (self.current is None or self.gone_to != self.current.place)

    @property
    def shown_place(self) -> Place | None:
        """The place that is seen: where the user went, else what is discussed."""
        return self.gone_to if self.looks_away or self.current is None else self.current.place

    @rendering_paused()
    def discuss(self, row: int) -> None:
        """Bring the views to a row of what there is to discuss."""
        self.discussion.go_to(row)
        self._show_current()
        self._host.notify(ModelerChange.DISCUSSION)

    def sort(self, column: str) -> None:
        """Order what there is to discuss by a column of the table; `next` follows that order."""
        self.discussion.sort(column)
        self.disagreements.refresh()
        self._host.notify(ModelerChange.DISCUSSION)

    @rendering_paused()
    def next(self) -> bool:
        """Go to the next place that is not settled; False if all are."""
        is_open = self.discussion.next()
        if is_open:
            self._show_current()
            self._host.notify(ModelerChange.DISCUSSION)
        return is_open

    @rendering_paused()
    def take(self, take: str, points: Points | None = None, whole_row: bool = False) -> None:
        """Settle the place that is discussed, or all of its row.

        Raises
        ------
        SpineRootError
            if nothing is discussed, it is no choice here, or work is running.
        """
        self._host.require_idle()
        self._settled(self.discussion.take(take, points, whole_row))

    def place_anew(self) -> None:
        """Have the next click place the point that is discussed, on its slice, or the contour dragged.

        Raises
        ------
        SpineRootError
            if work is running.
        """
        self._host.require_idle()
        if self.current is not None:
            self._look_at_slice(self.current.place.slice)
            self.correction.start()

    @rendering_paused()
    def undo(self) -> bool:
        """Take the last step back; False if there is none.

        Raises
        ------
        SpineRootError
            if work is running.
        """
        self._host.require_idle()
        places = self.discussion.undo()
        if places:
            self._follow_names()
            self._show_current()
            self._settled(places)
        return bool(places)

    def remark(self, text: str) -> None:
        """Keep a remark on the place that is discussed."""
        if self.current is not None:
            self.discussion.set_remark(self.current.place, text)
            self.disagreements.refresh()
            self._host.notify(ModelerChange.DISCUSSION)

    @rendering_paused()
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
        if self.current is not None and (fault := self.subject.click_fault(self.current.place)):
            self._show_agreed()
            self._say(_("Nothing was placed. {why}").format(why=fault))
            return
        try:
            self.take(CORRECTED, points)
        except SpineRootError as error:
            self._show_agreed()  # what was dragged goes back
            self._say(for_panel(error))
        except OSError as error:
            self._say(for_panel(f"{error.filename}: {error.strerror}"))

    def _settled(self, places: Sequence[Place]) -> None:
        self._say("")  # what was said before is about another state
        self._follow_names()
        self.disagreements.refresh()
        self._show_agreed()
        self._host.settled(places)
        self._host.notify(ModelerChange.DISCUSSION)

    def _put_marks(self) -> None:
        """Show every annotator's marks under the names that hold."""
        self._compared, raters = self.comparison, self.comparison.raters
        for label, annotation in raters.annotations.items():
            self.display.put(label, annotation, raters.marks[label])

    def _follow_names(self) -> None:
        """If it was answered whose names are exchanged, marks, table and charts go by the names that hold now."""
        if self._compared is not self.comparison:
            self._put_marks()
            for shown in (self.table, self.roots_chart, self.slices_chart):
                shown.show(self.comparison)

    def _show_current(self) -> None:
        self._say("")
        if (current := self.current) is not None:
            self._look_at(current.place, np.asarray(current.position))
            self._show_agreed()

    def _look_at(self, place: Place, position: NDArray[np.float64]) -> None:
        """Bring the views to a place, the annotators' marks on them; the chart along the slices follows."""
        self.gone_to, ganglion = place, place.structure == GANGLIA
        if not ganglion:
            self.slices_chart.show_place(place)
            self.slices_chart.chart.show()
        self.subject.navigation.go_to(position, "DESS" if ganglion else "CISS")
        if ganglion and place.root is not None:
            self.display.draw_ganglion(place.root)
        elif place.slice is not None:
            self.display.draw_slice(place.slice)
        elif self.subject.view is not None:  # a whole root
            self.display.draw_slice(self.subject.view.number)

    def _look_at_slice(self, number: int | None) -> None:
        """Have the view of CISS show a slice, in the framing that the user chose."""
        if number is not None and self.subject.view is not None and self.subject.view.number != number:
            self.subject.view.go_to(number)

    def _show_agreed(self) -> None:
        place = None if self.current is None or self.looks_away else self.current.place
        agreed = None if place is None else self.discussion.agreed(place)
        settled = place is not None and self.discussion.resolution(place) is not None
        self.correction.show(place, agreed, settled)
        self.display.discuss(place)
