"""Ganglia on DESS and T2-TSE: L1_L, L1_R ... S2_R in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.display import OVERVIEWS
from SpineRootAnnotatorLib.keys import GANGLIA_MODE
from SpineRootAnnotatorLib.layouts import BESIDE
from SpineRootAnnotatorLib.modes.mode import NOTHING_HERE, Mode
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootLib.anatomy import GANGLIA, color
from SpineRootLib.expected_ganglion import expected_ganglion, expected_places
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.tracing.proposals import PointProposal
from SpineRootLib.translation import _
from SpineRootScene.slice_link import SliceLink


class GangliaMode(Mode):
    """A click places the ganglion that is named, and the next one is armed."""

    name = GANGLIA_MODE

    def __init__(self, subject: Subject):
        super().__init__(subject)
        self._linked = SliceLink(BESIDE, "Yellow")

    def enter(self) -> None:
        """Clicks place, in every view."""
        self.subject.display.crosshair.show()
        self._linked.link()
        self.subject.point.limit_to()
        self.subject.point.arm()
        self.show()
        self._look_there()

    def leave(self) -> None:
        """Clicks place no more."""
        self.subject.display.crosshair.give_back()
        self.subject.display.clear_overviews()
        self._linked.give_back()
        self.subject.point.disarm()
        self.subject.point.show("", (1.0, 1.0, 1.0), None)

    @property
    def place(self) -> Place:
        """The ganglion of the active root."""
        return Place(GANGLIA, root=self.subject.root)

    def show(self) -> None:
        """Put the ganglion into its node."""
        root = self.subject.root
        self.subject.point.show(str(root), color(GANGLIA, root), self.subject.annotation.ganglia.get(root))
        self.subject.display.draw_overviews(root)

    def stepped(self) -> None:
        """Slices of CISS mean nothing here."""

    def go_to(self, place: Place) -> None:
        """Work on the ganglion of a root."""
        if place.root is not None:
            self.subject.root = place.root
        self.show()
        self._look_there()

    def placed(self, position: NDArray[np.float64]) -> None:
        """Set or replace the ganglion, drawn to its centre, and go to the next one."""
        self.subject.put(self.place, self._marked_by_hand(self.place, self._snapped(position)))
        self.subject.then(self.next_structure)

    def moved(self, position: NDArray[np.float64]) -> None:
        """Move the ganglion."""
        self.subject.put(self.place, self._marked_by_hand(self.place, position))

    def next_structure(self) -> None:
        """The next root's ganglion."""
        self._turn(1)

    def previous_structure(self) -> None:
        """The previous root's ganglion."""
        self._turn(-1)

    def other_side(self) -> None:
        """The same segment on the other side."""
        self.subject.root = self.subject.root.opposite
        self.show()
        self._look_there()

    @property
    def actions(self) -> dict[str, Callable[[], None]]:
        """Those of every mode, and what is done to a ganglion."""
        mine = {"other_side": self.other_side, "propose": self.propose, "accept": self.accept, "snap": self.snap}
        return {**super().actions, **mine}

    def hint(self, keys: Mapping[str, str]) -> str:
        """What to do with the ganglion that is asked for."""
        root, mark = self.subject.root, self.subject.mark(self.place)
        if (proposal := self.subject.proposals.get(self.place)) is not None:
            text = _("The ganglion of {root} is proposed ({sure} % sure): {accept} accepts it, a click corrects it.")
            if proposal.source:
                text = _("The ganglion of {root} is proposed by {file}: {accept} accepts it, a click corrects it.")
            return text.format(root=root, file=proposal.source, sure=round(100 * proposal.confidence), **keys)
        if mark is not None and len(mark.points):
            text = _("The ganglion of {root} is marked: a click replaces it; {next_structure} goes on.")
        elif mark is not None:
            text = _("The ganglion of {root} is skipped: a click marks it all the same; {next_structure} goes on.")
        else:
            text = _("Click on the ganglion of {root}. {propose} looks for it; {skip} says that it cannot be seen.")
        return text.format(root=root, **keys)

    def propose(self) -> None:
        """Look for the ganglion where it is expected; where none is seen there, show the place."""
        root = self.subject.root
        ways = expected_places(self.subject.confirmed, root)
        if not ways:
            first = _("Mark a ganglion of this side first: from it the others are expected.")
            self.subject.say(first, Kind.REFUSED)
            return
        found = next((seen for place in ways if (seen := self._seen_near(place)) is not None), None)
        if found is None or found.position is None:
            self.subject.display.look_at_point(ways[-1])
            unseen = _("No ganglion is seen where {root} is expected. The views show that place: click where it is.")
            self.subject.say(unseen.format(root=root), Kind.REFUSED)
            return
        self.subject.proposals.put(self.place, found.position, found.confidence)
        self.subject.display.look_at_point(found.position)

    def _seen_near(self, place: NDArray[np.float64]) -> PointProposal | None:
        """A ganglion that is surely enough seen near a place, (3,) RAS mm, and is not marked as another's."""
        tracer = self.subject.proposals.tracer
        if tracer is None:
            return None
        found = tracer.propose_ganglion(place, self.subject.root)
        if found.position is None or found.confidence < self.trust.ganglion_confidence:
            return None
        others = [point for root, point in self.subject.confirmed.ganglia.items() if root != self.subject.root]
        apart = np.linalg.norm(np.reshape(others, (-1, 3)) - found.position, axis=1).min(initial=np.inf)
        return found if apart > self.trust.ganglia_apart_mm else None

    def accept(self) -> None:
        """Take the proposed ganglion and go to the next one."""
        proposal = self.subject.proposals.get(self.place)
        if proposal is None:
            self.subject.say(_("Nothing is proposed here: click where the ganglion is."), Kind.REFUSED)
            return
        self.subject.put(self.place, Mark.of(proposal.points, ACCEPTED))
        self.next_structure()

    def snap(self) -> None:
        """Move the ganglion to its centre."""
        mark = self.subject.mark(self.place)
        if mark is None or not len(mark.points):
            self.subject.say(NOTHING_HERE, Kind.REFUSED)
            return
        centre = self._centre_near(mark.points[0])
        if centre is None:
            self.subject.say(_("No ganglion is seen near the point: it stays where it is."), Kind.REFUSED)
        else:
            self.subject.put(self.place, mark.moved(centre, mark.origin or ACCEPTED))

    def _turn(self, by: int) -> None:
        roots = self.subject.annotation.expected_roots()
        self.subject.root = roots[(roots.index(self.subject.root) + by) % len(roots)]
        self.show()
        self._look_there()

    def _look_there(self) -> None:
        """Bring the views to the ganglion, or to where it is expected."""
        root = self.subject.root
        known = self.subject.annotation.ganglia.get(root)
        point = known if known is not None else expected_ganglion(self.subject.confirmed, root)
        if point is not None:
            self.subject.display.look_at_point(point)

    def _snapped(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        centre = self._centre_near(position) if self.subject.settings.snap else None
        return position if centre is None else centre

    def _centre_near(self, near: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The centre of the ganglion that is seen near a point, (3,) RAS mm; None if none is."""
        tracer = self.subject.proposals.tracer
        for image in OVERVIEWS:
            if tracer is not None and image in self.subject.volumes:
                proposed = tracer.propose_ganglion(near, self.subject.root, image)
                if proposed.position is not None:
                    return np.asarray(proposed.position)
        return None
