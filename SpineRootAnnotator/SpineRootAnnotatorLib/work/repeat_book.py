"""Which places are to be asked for a second time, and which one is asked for now."""

from __future__ import annotations

from SpineRootLib.hidden_repeats import REPEAT, HiddenRepeats
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex


class RepeatBook:
    """Keeps when marks were last seen, so that nothing is asked for again while it is remembered.

    Parameters
    ----------
    drawn : the places that are asked for again.
    index : what is marked where.

    Attributes
    ----------
    asked : the place that is asked for now.
    """

    def __init__(self, drawn: HiddenRepeats, index: SliceIndex):
        self._drawn, self._index = drawn, index
        self.asked: Place | None = None
        self._marks = 0
        self._seen_at: dict[Place, int] = {}
        self._left_out: set[Place] = set()

    def marked(self) -> None:
        """The annotator marked something: one place, or several at once, which takes no longer."""
        self._marks += 1

    def seen(self, place: Place) -> None:
        """A root is worked on, and this slice of it is shown."""
        self._seen_at[place] = self._marks

    def due(self) -> list[Place]:
        """The places that can be asked for: marked once, and not seen for some marks, or in this session not at all."""
        return [place for place in self.unasked() if self._is_forgotten(place)]

    def unasked(self) -> list[Place]:
        """The places that are marked and were not asked for yet, due or not."""
        return [place for place in self._drawn.places() if self._is_unasked(place)]

    def leave_out(self, place: Place) -> None:
        """Ask for a place no more in this session."""
        self._left_out.add(place)

    def _is_unasked(self, place: Place) -> bool:
        assert place.root is not None and place.slice is not None
        if place in self._left_out or self._index.root_point(place.root, place.slice) is None:
            return False
        return REPEAT not in self._index.annotation.provenance.at(place)

    def _is_forgotten(self, place: Place) -> bool:
        seen_at = self._seen_at.get(place)
        return seen_at is None or self._marks - seen_at >= self._drawn.marks_between
