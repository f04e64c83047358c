"""The discussion of a subject: the ranked disagreements, what was settled at each, and the way back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.agreement.consensus import Consensus, ConsensusSettings, make_consensus, open_disagreements
from SpineRootLib.agreement.consensus_files import (
    check_free,
    resolutions_path,
    write_consensus,
    write_disagreements,
)
from SpineRootLib.agreement.contour_mean import mean_contour
from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import CORRECTED, MEAN, Resolution, Resolutions
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.frames import Points
from SpineRootLib.made_annotation import Made
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootLib.translation import _
from SpineRootModelerLib.work.comparison import Comparison

# of places that are still open; our own key in the file of resolutions
_REMARKS = "Remarks"


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
        check_free(markers, subject)
        self._comparison, self._markers, self.by = comparison, markers, by
        self.resolutions = Resolutions.read(resolutions_path(markers, subject))
        # all places to discuss, the largest first
        self.disagreements: Sequence[Disagreement] = comparison.disagreements(self.resolutions)
        self._undo_steps: list[tuple[Place, Resolution | None]] = []
        self.index = 0

    @property
    def raters(self) -> Raters:
        """The annotators and what they marked."""
        return self._comparison.raters

    @property
    def current(self) -> Disagreement | None:
        """What is discussed now; None if there is nothing to discuss."""
        return self.disagreements[self.index] if self.disagreements else None

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
        return list(self.resolutions.outdated_lines(self.raters.marks))

    def go_to(self, index: int) -> None:
        """Discuss another place; numbers beyond the list are its ends."""
        self.index = max(0, min(index, len(self.disagreements) - 1))

    def choose(self, place: Place) -> bool:
        """Discuss a place, if it is listed; whether it is."""
        places = [each.place for each in self.disagreements]
        if place in places:
            self.index = places.index(place)
        return place in places

    def next(self) -> bool:
        """Go to the next place that is not settled, round the end; False if all are."""
        count = len(self.disagreements)
        for step in range(1, count + 1):
            index = (self.index + step) % count
            if self.disagreements[index].place not in self.resolutions.by_place:
                self.index = index
                return True
        return False

    def take(self, take: str, points: Points | None = None) -> Place:
        """Settle the current place: an annotator's label, ``mean``, or ``corrected`` with points, (n, 3) RAS mm.

        Raises
        ------
        SpineRootError
            if nothing is discussed, or it is no choice here.
        """
        current = self.current
        if current is None:
            raise SpineRootError(_("there is nothing to discuss"))
        if take not in (*self.raters.labels, MEAN, CORRECTED):
            raise SpineRootError(_("'{take}' is not among the annotators").format(take=take))
        remark = self.remark(current.place)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        settled = Resolution(current.place, take, points, self.by, now, remark)
        self._settle(settled.made_for(self.raters.marks), current.place)
        self._remarks().pop(str(current.place), None)
        self._save()
        return current.place

    def undo(self) -> Place | None:
        """Take the last step back and go to its place, whose remark stays; None if there was none."""
        if not self._undo_steps:
            return None
        place, before = self._undo_steps.pop()
        remark = self.remark(place)
        self._put(place, before)
        self.set_remark(place, remark)
        self.choose(place)
        self._save()
        return place

    def remark(self, place: Place) -> str:
        """What was remarked at a place."""
        settled = self.resolution(place)
        if settled is not None:
            return settled.remark
        old = self.resolutions.outdated.get(place)
        return str(self._remarks().get(str(place), "" if old is None else old.remark))

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
        settled = self.resolution(place)
        if settled is not None and settled.take == CORRECTED:
            return settled.points
        marks = self.raters.marks
        if settled is not None and settled.take != MEAN:
            return marks[settled.take].get(place)
        marked = [each[place] for each in marks.values() if place in each]
        if not marked:
            return None
        if not place.is_contour:
            return np.asarray(np.mean(np.stack(marked), axis=0))
        planes = self.raters.planes
        assert planes is not None
        return mean_contour(marked, planes, lambda stacked: stacked.mean(axis=0))

    def put_agreed(self, annotation: Annotation, place: Place) -> None:
        """Put what holds at a root's point or a ganglion into an annotation; contours are left as they are."""
        points = self.agreed(place)
        if place.structure == ROOTS and place.root is not None and place.slice is not None:
            annotation.set_root_point(place.root, place.slice, points)
        elif place.structure == GANGLIA and place.root is not None:
            annotation.set_ganglion(place.root, points)

    def consensus(self, accept: bool, progress: Progress | None = None) -> Consensus:
        """The agreed annotation.

        Parameters
        ----------
        accept : average also what has to be settled and is not.

        Raises
        ------
        SpineRootError
            if something has to be settled first.
        """
        settings = ConsensusSettings(accept=accept)
        return make_consensus(self.raters, self.disagreements, self.resolutions, settings, progress)

    def write(self, consensus: Consensus) -> Made:
        """Write the consensus and what was settled on the way; what no consensus wrote is kept aside."""
        check_free(self._markers, self.raters.subject)
        made = write_consensus(self._markers, consensus, durable=False)
        return Made([*made.files, *self._save()], made.kept)

    def _settle(self, resolution: Resolution, place: Place) -> None:
        self._undo_steps.append((place, self.resolution(place)))
        self.resolutions.settle(resolution)

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
