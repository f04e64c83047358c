"""How disagreements were settled: stored beside the consensus, read again at each run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.agreement.corresponding_places import Marks
from SpineRootLib.anatomy import ROOTS
from SpineRootLib.atomic import write_text
from SpineRootLib.clock import now
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.frames import Points, as_points, to_ras
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

MEAN, CORRECTED = "mean", "corrected"
# answers to names that look exchanged: in whose work they are, or that they are right
EXCHANGE_IN, NAMES_RIGHT = "exchange in ", "names are right"
# A corrected position lies no farther from what was marked, mm: the dural sac is 20 mm wide, and ganglia lie up to
# 30 mm from its middle.
_FARTHEST_MM = 30.0
# Storing a mark again moves it by rounding, mm; by more it was changed.
_SAME_MM = 0.01
# the file's list of what was settled and, since the marks changed, settled again
_SUPERSEDED = "Superseded"
# what each annotator marked at a place, (n, 3) RAS mm, None for nothing
Said = Mapping[str, Points | None]


@dataclass(frozen=True, eq=False)
class Resolution:
    """What holds at a place.

    Parameters
    ----------
    take : an annotator's label (who marked nothing there: the place is left out), ``mean``, or ``corrected``; of a
        root whose names look exchanged ``exchange in B`` or ``names are right``.
    points : of a correction, (n, 3) RAS mm: one point, or the control points of a contour.
    by, date, remark : who settled it, when (ISO 8601, UTC), and why.
    said : what each annotator had marked there when it was settled; None where that was not recorded.
    """

    place: Place
    take: str
    points: Points | None = None
    by: str = ""
    date: str = ""
    remark: str = ""
    said: Said | None = None

    @classmethod
    def parse(cls, text: str) -> Resolution:
        """The resolution written as ``nerveroots_S2_L:40=A``, ``=mean`` or ``=12.5,-40.1,-455`` (RAS mm).

        Raises
        ------
        SpineRootError
            if it is not written so.
        """
        name, _equals, take = text.partition("=")
        place = Place.parse(name.strip())
        words = take.strip().split(",")
        if len(words) == 1 and words[0]:
            return _fitting(cls(place, words[0], date=now()))
        try:
            point = np.array([float(word) for word in words]).reshape(1, 3)
        except ValueError:
            point = np.full((1, 3), np.nan)
        if not np.isfinite(point).all() or place.is_contour:
            fault = _("'{text}' says neither an annotator, 'mean', nor a point as x,y,z in RAS mm")
            raise SpineRootError(fault.format(text=text))
        return _fitting(cls(place, CORRECTED, point, date=now()))

    @property
    def of_names(self) -> bool:
        """Whether it answers whose names are exchanged, and not what holds at a place."""
        return self.take == NAMES_RIGHT or self.take.startswith(EXCHANGE_IN)

    def made_for(self, marks: Mapping[str, Marks]) -> Resolution:
        """The same resolution, which remembers what the annotators marked at its place.

        Parameters
        ----------
        marks : each annotator's.
        """
        if self.of_names:
            return self
        return replace(self, said={label: each.get(self.place) for label, each in marks.items()})

    def changed(self, marks: Mapping[str, Marks]) -> tuple[str, ...]:
        """Whose mark is no longer what it was when this was settled.

        An annotator who came later, or takes no part any more, counts where a mark comes or goes with that.
        """
        if self.said is None:
            return ()
        labels = dict.fromkeys([*self.said, *marks])
        now = {label: marks.get(label, {}).get(self.place) for label in labels}
        return tuple(label for label in labels if not _same(self.said.get(label), now[label]))

    def as_json(self) -> dict[str, Any]:
        """The resolution as it stands in the file."""
        entry: dict[str, Any] = {"Place": str(self.place), "Take": self.take}
        if self.points is not None:
            entry["Points"] = self.points.tolist()
        entry |= {"By": self.by, "Date": self.date, "Remark": self.remark}
        if self.said is not None:
            entry["Said"] = {label: None if points is None else points.tolist() for label, points in self.said.items()}
        return entry


@dataclass
class Resolutions:
    """The resolutions of a subject by place.

    Parameters
    ----------
    by_place : those that hold.
    document : the file as it was read; keys that are not ours are kept.
    outdated : those that `review` laid aside, since the marks that they were made for have changed.
    """

    by_place: dict[Place, Resolution] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    outdated: dict[Place, Resolution] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Resolutions:
        """The resolutions of a file; none if there is no such file.

        Raises
        ------
        DatasetError
            if it cannot be read or is not as written here.
        """
        if not path.exists():
            return cls()
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            entries = [_entry(each, document.get("CoordinateSystem", "RAS")) for each in document["Resolutions"]]
            if not isinstance(document.get(_SUPERSEDED, []), list):
                raise TypeError(_SUPERSEDED)
        except OSError as error:
            fault = _("cannot be read ({reason})").format(reason=error.strerror)
            raise DatasetError(fault, path) from error
        except SpineRootError as error:
            raise DatasetError(error.fault, path) from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise DatasetError(_("is no list of resolutions"), path) from error
        return cls({each.place: each for each in entries}, document)

    def write(self, path: Path) -> Path:
        """Write them atomically."""
        entries = {**self.outdated, **self.by_place}
        document = {**self.document, "CoordinateSystem": "RAS", "Units": "mm"}
        document["Resolutions"] = [entries[place].as_json() for place in sorted(entries)]
        if replaced := [self.outdated[place].as_json() for place in sorted(self.outdated) if place in self.by_place]:
            document[_SUPERSEDED] = [*document.get(_SUPERSEDED, []), *replaced]
        return write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    def review(self, marks: Mapping[str, Marks]) -> None:
        """Lay aside what was settled for other marks than each annotator's are now, so that it is settled again.

        It stays in the file, holds again once the marks are as they were, and is kept as superseded once its place is
        settled anew.
        """
        for place in [place for place, each in self.by_place.items() if each.changed(marks)]:
            self.outdated[place] = self.by_place.pop(place)

    def state(self, place: Place) -> str | None:
        """How a place was settled, in a word: what was taken; None where it was not settled."""
        if place in self.by_place:
            return self.by_place[place].take
        return f"{self.outdated[place].take}, outdated" if place in self.outdated else None

    def exchanged_in(self, place: Place) -> str | None:
        """In whose work the names of a root were settled to be exchanged; None where they were not."""
        take = self.by_place[place].take if place in self.by_place else ""
        return take.removeprefix(EXCHANGE_IN) if take.startswith(EXCHANGE_IN) else None

    def outdated_lines(self, marks: Mapping[str, Marks], name: Callable[[Place], str] = str) -> Iterator[str]:
        """Sentences that name what has to be settled again, and whose mark has changed.

        Parameters
        ----------
        name : how a place is called.
        """
        for place in sorted(self.outdated.keys() - self.by_place.keys()):
            old = self.outdated[place]
            moved = [label for label in old.changed(marks) if label in marks and label in (old.said or {})]
            whose = " and ".join(f"{label}'s" for label in moved)
            remark = f" ({old.remark})" if old.remark else ""
            line = _("{place} was settled as {take}{remark} before {whose} mark changed: it has to be settled again")
            if not moved:  # somebody came, or takes no part any more
                line = _("{place} was settled as {take}{remark} among other annotators: it has to be settled again")
            yield line.format(place=name(place), take=old.take, remark=remark, whose=whose)

    def settle(self, resolution: Resolution) -> None:
        """Put a resolution in place of what was settled there before."""
        self.by_place[resolution.place] = resolution

    def withdraw(self, place: Place) -> None:
        """Open a place again."""
        self.by_place.pop(place, None)

    def check(self, labels: Sequence[str], planes: SlicePlanes | None, marks: Mapping[str, Marks]) -> None:
        """See that every resolution can be followed.

        Parameters
        ----------
        marks : each annotator's.

        Raises
        ------
        SpineRootError
            if one takes what somebody said who takes no part, or corrects to a point on another slice or far away.
        """
        for each in self.by_place.values():
            label = each.take.removeprefix(EXCHANGE_IN)
            if label not in (*labels, MEAN, CORRECTED, NAMES_RIGHT):
                fault = _("{place} is resolved as '{take}', who is not among {labels}")
                raise SpineRootError(fault.format(place=each.place, take=label, labels=_list(labels)))
            if each.points is not None:
                _check_near(each.place, each.points, marks)
            if each.points is not None and each.place.slice is not None and planes is not None:
                number = int(planes.number(each.points.mean(axis=0))[0])
                if number != each.place.slice:
                    fault = _("{place} is corrected to a point that lies on slice {number}")
                    raise SpineRootError(fault.format(place=each.place, number=number))


def _fitting(resolution: Resolution) -> Resolution:
    """The resolution, if such an answer fits its place.

    Raises
    ------
    SpineRootError
        if a whole root is settled as a place is.
    """
    place = resolution.place
    if place.structure == ROOTS and place.slice is None and not resolution.of_names:
        fault = _("'{place}' is no place such as nerveroots_S2_L:40; a whole root is settled as '{answer}'")
        raise SpineRootError(fault.format(place=place, answer=f"{EXCHANGE_IN}A"))
    return resolution


def _check_near(place: Place, points: Points, marks: Mapping[str, Marks]) -> None:
    """See that a corrected position is one that a spine can have.

    Raises
    ------
    SpineRootError
        if it lies far from all that was marked there, or, where nothing was, from everything.
    """
    everything = [each for mine in marks.values() for each in mine.items()]
    there = [marked for name, marked in everything if name == place] or [marked for _name, marked in everything]
    if not there:
        return
    away = np.linalg.norm(np.concatenate(there)[:, None] - points, axis=2).min(axis=0).max()
    if away > _FARTHEST_MM:
        fault = _(
            "{place} is corrected to a point {away:.0f} mm from what was marked: more than {limit:g} mm is a slip"
        )
        raise SpineRootError(fault.format(place=place, away=away, limit=_FARTHEST_MM))


def _entry(entry: dict[str, Any], system: str) -> Resolution:
    place = Place.parse(entry["Place"])
    take = str(entry["Take"])
    points = None if entry.get("Points") is None else to_ras(as_points(entry["Points"]), system)
    usable = points is not None and np.isfinite(points).all() and len(points) >= (3 if place.is_contour else 1)
    if take == CORRECTED and not usable:
        fault = _("the corrected position of {place} is missing or unusable")
        raise SpineRootError(fault.format(place=place))
    words = {key.lower(): str(entry.get(key) or "") for key in ("By", "Date", "Remark")}
    said = None if entry.get("Said") is None else {str(label): _mark(m, system) for label, m in entry["Said"].items()}
    return _fitting(Resolution(place, take, points, **words, said=said))


def _mark(points: Any, system: str) -> Points | None:
    return None if points is None else to_ras(as_points(points), system)


def _same(one: Points | None, other: Points | None) -> bool:
    """Whether two marks are one, or neither is there."""
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and bool(np.abs(one - other).max(initial=0.0) <= _SAME_MM)


def _list(labels: Iterable[str]) -> str:
    return ", ".join(labels)
