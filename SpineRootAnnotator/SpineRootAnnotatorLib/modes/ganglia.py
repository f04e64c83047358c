"""Ganglia on DESS and T2-TSE: L1_L, L1_R ... S2_R in turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootAnnotatorLib.display import OVERVIEWS
from SpineRootAnnotatorLib.keys import GANGLIA_MODE
from SpineRootAnnotatorLib.layouts import BESIDE
from SpineRootAnnotatorLib.modes.mode import NOTHING_HERE, Mode
from SpineRootAnnotatorLib.work.marks import Mark
from SpineRootAnnotatorLib.workplace import Workplace
from SpineRootLib.anatomy import GANGLIA, Root, color, segment_level
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place
from SpineRootLib.provenance import ACCEPTED
from SpineRootLib.translation import _
from SpineRootScene.slice_link import SliceLink

# Neighbouring lumbar foramina are 25-35 mm apart in adults.
_SPACING_MM = 30.0


class GangliaMode(Mode):
    """A click places the ganglion that is named, and the next one is armed."""

    name = GANGLIA_MODE

    def __init__(self, subject: Workplace):
        super().__init__(subject)
        self._linked = SliceLink(BESIDE, "Yellow")

    def enter(self) -> None:
        """Clicks place, in every view."""
        self.subject.crosshair.show()
        self._linked.link()
        self.subject.point.limit_to()
        self.subject.point.arm()
        self.show()
        self._look_there()

    def leave(self) -> None:
        """Clicks place no more."""
        self.subject.crosshair.give_back()
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

    def propose(self) -> None:
        """Look for the ganglion where it is expected."""
        expected = expected_ganglion(self.subject.annotation, self.subject.root)
        if expected is None:
            self.subject.say(_("Place two ganglia first: from them the others are expected."))
            return
        found = self._found(expected)
        if found is None:
            self.subject.say(_("No ganglion is seen where it is expected."))
            return
        self.subject.proposals.put(self.place, found)
        self.subject.look_at_point(found)
        self.subject.say(
            _("The ganglion of {root} is proposed in the middle of the views.").format(root=self.subject.root)
        )

    def accept(self) -> None:
        """Take the proposed ganglion and go to the next one."""
        proposal = self.subject.proposals.get(self.place)
        if proposal is None:
            self.subject.say(_("Nothing is proposed here."))
            return
        self.subject.put(self.place, Mark.of(proposal.points, ACCEPTED))
        self.next_structure()

    def snap(self) -> None:
        """Move the ganglion to its centre."""
        mark = self.subject.mark(self.place)
        if mark is None or not len(mark.points):
            self.subject.say(NOTHING_HERE)
            return
        found = self._found(mark.points[0])
        if found is None:
            self.subject.say(_("No ganglion is seen near the point."))
        else:
            self.subject.put(self.place, mark.moved(found, mark.origin or ACCEPTED))

    def _turn(self, by: int) -> None:
        roots = self.subject.annotation.expected_roots()
        self.subject.root = roots[(roots.index(self.subject.root) + by) % len(roots)]
        self.show()
        self._look_there()

    def _look_there(self) -> None:
        """Bring the views to the ganglion, or to where it is expected."""
        root = self.subject.root
        known = self.subject.annotation.ganglia.get(root)
        point = known if known is not None else expected_ganglion(self.subject.annotation, root)
        if point is not None:
            self.subject.look_at_point(point)

    def _snapped(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        found = self._found(position) if self.subject.settings.snap else None
        return position if found is None else found

    def _found(self, near: NDArray[np.float64]) -> NDArray[np.float64] | None:
        tracer = self.subject.proposals.tracer
        for image in OVERVIEWS:
            if tracer is not None and image in self.subject.volumes:
                found = tracer.propose_ganglion(near, self.subject.root, image)
                if found.position is not None:
                    return np.asarray(found.position)
        return None


def expected_ganglion(annotation: Annotation, root: Root) -> NDArray[np.float64] | None:
    """Where a ganglion is expected, (3,) RAS, from the symmetry of the body and the spacing so far; None if unknown."""
    ganglia = annotation.ganglia
    opposite = ganglia.get(root.opposite)
    middle = _middle(annotation)
    if opposite is not None and middle is not None:
        return opposite * [-1.0, 1.0, 1.0] + [2 * middle, 0.0, 0.0]
    level = segment_level(root.segment)
    same_side = sorted(
        ((segment_level(other.segment), point) for other, point in ganglia.items() if other.side == root.side),
        key=lambda pair: abs(pair[0] - level),
    )
    if not same_side:
        return None
    nearest, point = same_side[0]
    step = np.array([0.0, 0.0, -_SPACING_MM])
    if len(same_side) > 1:
        second, other = same_side[1]
        step = (point - other) / (nearest - second)
    return np.asarray(point + (level - nearest) * step)


def _middle(annotation: Annotation) -> float | None:
    """The R coordinate of the midline, mm: half-way between ganglia of one segment, else the middle of the dura."""
    pairs = [
        (point[0] + annotation.ganglia[root.opposite][0]) / 2
        for root, point in annotation.ganglia.items()
        if root.side == "L" and root.opposite in annotation.ganglia
    ]
    if pairs:
        return float(np.mean(pairs))
    if annotation.dura:
        return float(np.mean([contour.points[:, 0].mean() for contour in annotation.dura]))
    return None
