"""What is proposed and not yet accepted, place by place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from numpy.typing import ArrayLike

from SpineRootLib.anatomy import ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points, as_points
from SpineRootLib.place import Place
from SpineRootLib.progress import Progress
from SpineRootLib.tracing.proposals import ContourProposal, HelpfulMark, PointProposal, most_helpful
from SpineRootLib.translation import _

# The confidence of what the marks about it speak against: more likely wrong than right.
_DOUBTED = 0.3

NO_CISS = _(
    "There is no CISS image to trace on: choose one in the section Subject, under 'Levels, and images chosen by hand'."
)


class Tracing(Protocol):
    """What the session asks of a tracer; `SpineRootLib.tracing.Tracer` answers."""

    def snap(self, point: ArrayLike) -> PointProposal: ...

    def propose_root_next(self, annotation: Annotation, root: Root, number: int) -> PointProposal: ...

    def propose_roots(
        self,
        annotation: Annotation,
        roots: Iterable[Root] | None = None,
        onward: bool = False,
        *,
        progress: Progress | None = None,
    ) -> Mapping[Root, Sequence[PointProposal]]: ...

    def propose_contour(
        self,
        structure: str,
        number: int,
        annotation: Annotation | None = None,
        click: ArrayLike | None = None,
        progress: Progress | None = None,
    ) -> ContourProposal: ...

    def propose_contours(
        self,
        structure: str,
        annotation: Annotation | None = None,
        *,
        first: int | None = None,
        last: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[ContourProposal]: ...

    def propose_ganglion(
        self, click: ArrayLike, root: Root | None = None, image: str | None = None
    ) -> PointProposal: ...


@dataclass(frozen=True, eq=False)
class Proposal:
    """What is proposed for a place.

    Parameters
    ----------
    points : (n, 3) RAS mm.
    confidence : how sure they are, 0..1.
    by_image : whether it is seen in the image at that place; else it follows from the marks about it.
    deviation : mm, how far off it may be; NaN where that is not known.
    doubt : what speaks against it, a sentence; empty for nothing.
    source : the file that proposes it where nothing tells how sure it is; it is taken like a sure one.
    """

    points: Points
    confidence: float = 1.0
    by_image: bool = True
    deviation: float = float("nan")
    doubt: str = ""
    source: str = ""


@dataclass
class ProposalBook:
    """The proposals of a session.

    Parameters
    ----------
    make_tracer : makes the tracer when it is first needed; None where there is no image to trace on.
    on_changed : called with the places in which something is proposed now, or no more.
    fault : tells why what was traced, (n, 3) RAS mm, cannot be proposed in a place; empty if it can.
    doubt : tells why it is most likely wrong there; empty if nothing speaks against it.
    is_unaided : whether a place is to be marked without a proposal: one is kept, and never shown.
    """

    make_tracer: Callable[[], Tracing | None]
    on_changed: Callable[[tuple[Place, ...]], None] = lambda _places: None
    fault: Callable[[Place, Points], str] = lambda _place, _points: ""
    doubt: Callable[[Place, Points], str] = lambda _place, _points: ""
    is_unaided: Callable[[Place], bool] = lambda _place: False
    _book: dict[Place, Proposal] = field(default_factory=dict)
    _withheld: dict[Place, Proposal] = field(default_factory=dict)
    _followed: set[Root] = field(default_factory=set)
    _tracer: Tracing | None = None
    _made: bool = False

    @property
    def tracer(self) -> Tracing | None:
        """The tracer, made at the first call."""
        if not self._made:
            self._tracer, self._made = self.make_tracer(), True
        return self._tracer

    def get(self, place: Place) -> Proposal | None:
        """What is proposed in a place."""
        return self._book.get(place)

    def withheld(self, place: Place) -> Proposal | None:
        """What would be proposed in a place that is to be marked without a proposal."""
        return self._withheld.get(place)

    def put(
        self,
        place: Place,
        points: ArrayLike,
        confidence: float = 1.0,
        by_image: bool = True,
        deviation: float = float("nan"),
        doubt: str = "",
        source: str = "",
    ) -> None:
        """Propose something; see `Proposal`."""
        proposal = Proposal(as_points(points), confidence, by_image, deviation, doubt, source)
        if self.is_unaided(place):
            self._withheld[place] = proposal
            return
        self._book[place] = proposal
        self.on_changed((place,))

    def put_traced(self, place: Place, traced: PointProposal | ContourProposal) -> str:
        """Propose what the tracer found; the answer is why that cannot be there, else empty."""
        points = traced.position if isinstance(traced, PointProposal) else traced.points
        if points is None:
            return ""
        if fault := self.fault(place, as_points(points)):
            self.drop(place)
            return fault
        doubt = self.doubt(place, as_points(points))
        confidence = min(traced.confidence, _DOUBTED) if doubt else traced.confidence
        self.put(place, points, confidence, traced.by_image, traced.deviation, doubt or traced.reason)
        return self.unaided_reason if self.is_unaided(place) else ""

    @property
    def unaided_reason(self) -> str:
        """Why nothing is shown in a place that is to be marked without a proposal, a sentence."""
        return _("Nothing is proposed here, on purpose: mark what you see, so that what proposals do can be told.")

    def drop(self, place: Place) -> None:
        """Nothing is proposed in a place any more."""
        if self._book.pop(place, None) is not None:
            self.on_changed((place,))

    def clear(self) -> None:
        """Nothing is proposed anywhere."""
        places = tuple(self._book)
        self._book.clear()
        self._withheld.clear()
        self._followed.clear()
        self.on_changed(places)

    def on_slice(self, number: int) -> Iterator[tuple[Place, Proposal]]:
        """What is proposed on a slice."""
        return ((place, proposal) for place, proposal in self._book.items() if place.slice == number)

    def has(self, place: Place) -> bool:
        """Whether something is proposed in a place."""
        return place in self._book

    def propose_course(
        self, annotation: Annotation, root: Root, progress: Progress | None = None
    ) -> tuple[list[int], str]:
        """Propose a root's points on all slices that the tracer can follow it to, instead of what was proposed of it.

        Returns
        -------
        slices with a proposal, and a sentence why there are none or why it ended.
        """
        if self.tracer is None:
            return [], NO_CISS
        traced = self.tracer.propose_roots(annotation, [root], onward=True, progress=progress).get(root, [])
        found = {each.slice: each for each in traced if each.position is not None and each.slice is not None}
        reasons = [each.reason for each in traced if each.position is None]
        if found:
            self._followed.add(root)
            for place in [place for place in self._book if place.root == root and place.structure == ROOTS]:
                if place.slice not in found:
                    self.drop(place)
        proposed = []
        for number, each in found.items():
            place = Place(ROOTS, root, number)
            fault = self.put_traced(place, each)
            if not fault:
                proposed.append(number)
            elif not self.is_unaided(place):
                reasons.append(fault)
        if found and not proposed and not reasons:
            reasons.append(self.unaided_reason)
        return proposed, reasons[-1] if reasons else ""

    def least_sure(self, annotation: Annotation, root: Root, progress: Progress | None = None) -> list[HelpfulMark]:
        """Where marks of a root would help most, the first the most; empty where the root was not followed yet.

        It is followed again first, since marks that came since tell of the slices about them as well.
        """
        if root not in self._followed or not self.propose_course(annotation, root, progress)[0]:
            return []
        points = [
            PointProposal(each.points[0], each.confidence, "", root, place.slice, each.by_image, each.deviation)
            for place, each in self._book.items()
            if place.structure == ROOTS and place.root == root
        ]
        return most_helpful({root: points})
