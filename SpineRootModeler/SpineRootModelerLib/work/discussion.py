"""The discussion of a subject: the ranked disagreements, what was settled at each, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from SpineRootLib.agreement.consensus import Consensus, ConsensusSettings, make_consensus, open_disagreements
from SpineRootLib.agreement.consensus_files import (
    check_free,
    resolutions_path,
    write_consensus,
    write_disagreements,
)
from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import (
    CORRECTED,
    EXCHANGE_IN,
    MEAN,
    NAMES_RIGHT,
    Resolution,
    Resolutions,
)
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.clock import now
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.generated_annotation import Generated
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootLib.sentences import sentence
from SpineRootLib.translation import _
from SpineRootModelerLib.work.agreed_points import agreed_points
from SpineRootModelerLib.work.comparison import Comparison
from SpineRootModelerLib.work.discussion_rows import DiscussionRow, rows_of
from SpineRootModelerLib.work.unsettled import require_settled

# of places that are still open; our own key in the file of resolutions
_REMARKS = "Remarks"
# so many places that have to be settled again are named
_NAMED = 3
# places that were settled in one step, each with how it was before
Settled = Sequence[tuple[Place, Resolution | None]]


class Discussion:
    """Settles disagreements one by one; every step is on the disk at once and can be undone.

    Parameters
    ----------
    markers : the folder of the consensus, ``derivatives/markers``.
    by : who settles, for the record.

    Raises
    ------
    SpineRootError
        if the folder holds an annotator's own work, or its resolutions cannot be read.
    """

    def __init__(self, comparison: Comparison, markers: Path, by: str = ""):
        subject = comparison.raters.subject
        check_free(markers, subject, _advice())
        self._as_marked, self._markers, self.by = comparison, markers, by
        self.resolutions = Resolutions.read(resolutions_path(markers, subject))
        self._undo_steps: list[Settled] = []
        # by which column rows are sorted, and whether the other way round; as ranked for none
        self.sorted_by: tuple[str, bool] | None = None
        self.index = 0
        self._read()

    @property
    def raters(self) -> Raters:
        """The people who have to agree and what they marked, names put right as it was settled."""
        return self.comparison.voters

    @property
    def current(self) -> Disagreement | None:
        """What is discussed now; None if there is nothing to discuss."""
        return self.disagreements[self.index] if self.disagreements else None

    @property
    def row(self) -> int:
        """The row that the current place is on."""
        current = self.current
        return next((number for number, row in enumerate(self.rows) if current in row.members), 0)

    def answers(self) -> tuple[str, ...]:
        """What can be taken at the current place."""
        exchange = None if self.current is None else self.current.exchange
        if exchange is None:
            return *self.raters.labels, MEAN
        return *(f"{EXCHANGE_IN}{label}" for label in (exchange.annotator, exchange.reference)), NAMES_RIGHT

    def resolution(self, place: Place) -> Resolution | None:
        """How a place was settled."""
        return self.resolutions.by_place.get(place)

    def pending(self) -> list[Disagreement]:
        """What has to be settled before a consensus and is not."""
        return open_disagreements(self.disagreements, self.resolutions)

    def unresolved(self) -> list[Disagreement]:
        """What is listed and not settled, whether it has to be or not."""
        return [each for each in self.disagreements if each.place not in self.resolutions.by_place]

    def outdated(self) -> list[str]:
        """Sentences that name what was settled before somebody's mark changed, and has to be settled again."""
        found = self.resolutions.outdated_lines(self.raters.marks, lambda place: place.title)
        lines = [sentence(line) for line in found]
        more = _("To be settled again besides: {count}.").format(count=len(lines) - _NAMED)
        return lines if len(lines) <= _NAMED else [*lines[:_NAMED], more]

    def go_to(self, row: int) -> None:
        """Discuss another row, its largest place that is open; numbers beyond the list are its ends."""
        if self.rows:
            members = self.rows[max(0, min(row, len(self.rows) - 1))].members
            still_open = [each for each in members if each.place not in self.resolutions.by_place]
            self.index = self.disagreements.index((still_open or members)[0])

    def choose(self, place: Place) -> bool:
        """Discuss a place, if it is listed; whether it is."""
        places = [each.place for each in self.disagreements]
        if place in places:
            self.index = places.index(place)
        return place in places

    def sort(self, column: str) -> None:
        """Order the rows by a column; asked again the other way round, and the third time as they are ranked."""
        following = {None: (column, False), (column, False): (column, True), (column, True): None}
        self.sorted_by = following.get(self.sorted_by, (column, False))
        self._order()

    def next(self) -> bool:
        """Go to the next place that is not settled, row by row and round the end; False if all are."""
        order = [each for row in self.rows for each in row.members]
        here = order.index(self.current) + 1 if self.current in order else 0
        for each in (*order[here:], *order[:here]):
            if each.place not in self.resolutions.by_place:
                self.index = self.disagreements.index(each)
                return True
        return False

    def take(self, take: str, points: Points | None = None, whole_row: bool = False) -> tuple[Place, ...]:
        """Settle the current place by one of `answers`, or ``corrected`` with points, (n, 3) RAS mm.

        Parameters
        ----------
        whole_row : settle so all places of its row that are open; those of a row that has none, anew.

        Raises
        ------
        SpineRootError
            if nothing is discussed, or it is no choice here; nothing is settled then.
        """
        current = self.current
        if current is None:
            raise SpineRootError(_("there is nothing to discuss"))
        if take not in self.answers() and (take != CORRECTED or current.exchange is not None):
            raise SpineRootError(
                _("'{take}' is no answer here: {answers}").format(take=take, answers=", ".join(self.answers()))
            )
        places = self._row_to_settle() if whole_row else (current.place,)
        remark = self.remark(current.place)
        step = [(place, self.resolution(place)) for place in places]
        for place in places:
            settled = Resolution(place, take, points, self.by, now(), self.remark(place) or remark)
            self.resolutions.settle(settled.made_for(self.raters.marks))
        self._read_names(step)
        self._undo_steps.append(step)
        for place in places:
            self._remarks().pop(str(place), None)
        self._save()
        return places

    def undo(self) -> tuple[Place, ...]:
        """Take the last step back and go to its place, whose remark stays; no place if there was none."""
        if not self._undo_steps:
            return ()
        step = self._undo_steps.pop()
        for place, before in step:
            remark = self.remark(place)
            self._put(place, before)
            self.set_remark(place, remark)
        self._read_names(step)
        self.choose(step[0][0])
        self._save()
        return tuple(place for place, _before in step)

    def remark(self, place: Place) -> str:
        """What was remarked at a place."""
        settled = self.resolution(place)
        if settled is not None:
            return settled.remark
        old = self.resolutions.outdated.get(place)
        return str(self._remarks().get(str(place), "" if old is None else old.remark))

    def remarks(self, row: DiscussionRow) -> str:
        """What was remarked at the places of a row."""
        return "; ".join(dict.fromkeys(filter(None, map(self.remark, row.places))))

    def set_remark(self, place: Place, text: str) -> None:
        """Keep a remark, whether the place is settled or not."""
        if text == self.remark(place):
            return
        settled = self.resolution(place)
        if settled is not None:
            self.resolutions.settle(replace(settled, remark=text))
        elif text or place in self.resolutions.outdated:
            self._remarks()[str(place)] = text
        else:
            self._remarks().pop(str(place), None)
        self._save()

    def agreed(self, place: Place) -> Points | None:
        """The points, (n, 3), that hold at a place as things stand: as settled, else the mean; None for nothing."""
        return agreed_points(self.raters, place, self.resolution(place))

    def of_names(self, place: Place) -> bool:
        """Whether what is discussed there are names that look exchanged, not a position."""
        return any(each.place == place and each.exchange is not None for each in self.disagreements)

    def put_agreed(self, annotation: Annotation, place: Place) -> None:
        """Put what holds at a root's point or a ganglion into an annotation; contours are left as they are."""
        points = self.agreed(place)
        if place.structure == ROOTS and place.root is not None and place.slice is not None:
            annotation.set_root_point(place.root, place.slice, points)
        elif place.structure == GANGLIA and place.root is not None:
            annotation.set_ganglion(place.root, points)

    def consensus(self, accept: bool, progress: Progress | None = None, average: str = MEAN) -> Consensus:
        """The agreed annotation.

        Parameters
        ----------
        accept : average also what has to be settled and is not.
        average : how; see `ConsensusSettings`.

        Raises
        ------
        SpineRootError
            if something has to be settled first.
        """
        if not accept:
            require_settled(self.raters.subject, self.pending(), self.outdated())
        settings = ConsensusSettings(average, accept=accept)
        return make_consensus(self._as_marked.raters.people(), self.disagreements, self.resolutions, settings, progress)

    def write(self, consensus: Consensus) -> Generated:
        """Write the consensus and what was settled on the way; what no consensus wrote is kept aside."""
        check_free(self._markers, self.raters.subject, _advice())
        made = write_consensus(self._markers, consensus, durable=False)
        return Generated([*made.files, *self._save()], made.kept)

    def _read(self) -> None:
        """List what there is to discuss, names put right as it was settled."""
        comparison, exchanges = self._as_marked.named_as_settled(self.resolutions)
        self.comparison = comparison
        settled, outdated = self.resolutions.by_place, self.resolutions.outdated
        for place in outdated.keys() - settled.keys():
            settled[place] = outdated.pop(place)  # with other names the marks may be as they were
        # all places to discuss, the largest first
        self.disagreements: Sequence[Disagreement] = comparison.disagreements(self.resolutions, exchanges)
        marked = {place for marks in comparison.raters.marks.values() for place in marks}
        self._ranked: Sequence[DiscussionRow] = rows_of(self.disagreements, marked)
        self._order()

    def _order(self) -> None:
        self.rows: Sequence[DiscussionRow] = self._ranked
        if self.sorted_by is not None:
            column, descending = self.sorted_by
            filled = [row for row in self._ranked if self._sort_key(row, column)[0] == 0]
            empty = [row for row in self._ranked if row not in filled]
            filled.sort(key=lambda row: self._sort_key(row, column)[1], reverse=descending)
            self.rows = [*filled, *empty]

    def _sort_key(self, row: DiscussionRow, column: str) -> tuple[Any, ...]:
        if column == "remark":
            return (0, remarks) if (remarks := self.remarks(row)) else (1, "")
        return row.sort_key(column, self.resolutions)

    def _read_names(self, step: Settled) -> None:
        """After a step: if it answered whose names are exchanged, all is read anew.

        Raises
        ------
        SpineRootError
            if the answer cannot be followed; the step is taken back.
        """
        if not any(self.of_names(place) for place, _before in step):
            return
        try:
            self._read()
        except SpineRootError:
            for place, before in step:
                self._put(place, before)
            raise
        self.choose(step[0][0])

    def _row_to_settle(self) -> tuple[Place, ...]:
        """The places of the current row that are open, all if none is."""
        places = self.rows[self.row].places
        return tuple(place for place in places if place not in self.resolutions.by_place) or places

    def _put(self, place: Place, resolution: Resolution | None) -> None:
        if resolution is None:
            self.resolutions.withdraw(place)
        else:
            self.resolutions.settle(resolution)

    def _remarks(self) -> dict[str, Any]:
        remarks: dict[str, Any] = self.resolutions.document.setdefault(_REMARKS, {})
        return remarks

    def _save(self) -> list[Path]:
        subject = self.raters.subject
        files = write_disagreements(self._markers, subject, self.disagreements, self.resolutions)
        if resolutions_path(self._markers, subject) not in files and self._remarks():
            files.append(self.resolutions.write(resolutions_path(self._markers, subject)))
        return files


def _advice() -> str:
    """What to do where the folder of the consensus holds an annotator's own work."""
    return _("move it to a folder of the annotator's own, markers- and the label, first")
