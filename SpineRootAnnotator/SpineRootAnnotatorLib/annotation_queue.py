"""The queue of what is to be looked at next: the Annotator jumps along it, from subject to subject."""

from __future__ import annotations

from pathlib import Path

from SpineRootAnnotatorLib.saying import Kind
from SpineRootAnnotatorLib.session import AnnotationSession
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.errors import SpineRootError
from SpineRootLib.learning.queue import Uncertain, read_queue
from SpineRootLib.place import Place
from SpineRootLib.translation import _


class AnnotationQueue:
    """Goes along a queue.

    Parameters
    ----------
    session : opens its subjects.
    """

    def __init__(self, session: AnnotationSession):
        self._session = session
        self._entries: list[Uncertain] = []
        self._path: Path | None = None
        self._current = -1

    @property
    def position(self) -> str:
        """Which entry of how many it is at; empty before the first."""
        if self._current < 0:
            return ""
        return _("{number} of {count}").format(number=self._current + 1, count=len(self._entries))

    def go(self, path: Path, dataset: Path, annotator: str, by: int = 1) -> None:
        """Go to the next entry, or back, and open its subject if it is not open; another file begins anew.

        Raises
        ------
        SpineRootError
            if the file is no queue, its end is reached, or the subject cannot be opened.
        """
        if path != self._path:
            self._entries, self._path, self._current = read_queue(path), path, -1
        number = self._current + by
        if not 0 <= number < len(self._entries):
            raise SpineRootError(_("The queue ends here."))
        entry, session = self._entries[number], self._session
        opened = session.opened
        if opened is None or (opened.dataset, opened.subject, opened.annotator) != (dataset, entry.subject, annotator):
            session.open(dataset, entry.subject, annotator)
        self._current = number
        assert session.subject is not None
        place = entry.place
        root = None if place is None else place.root
        if place is None or (root is not None and root not in session.subject.annotation.expected_roots()):
            place = Place(ROOTS, session.subject.root, entry.slice)
        session.subject.go_to_place(place)
        about = entry.segment if entry.place is None else entry.place.without_slice.title
        text = _("{position} in the queue: slice {slice}, the least certain is {about}.")
        session.say(text.format(position=self.position, slice=entry.slice, about=about), Kind.HINT)
        session.changes.tell()
