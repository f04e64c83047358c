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
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.translation import _


class Tracing(Protocol):
    """What the session asks of a tracer; `SpineRootLib.tracing.Tracer` answers."""

    def snap(self, point: ArrayLike) -> PointProposal: ...

    def propose_root_next(self, annotation: Annotation, root: Root, number: int) -> PointProposal: ...

    def propose_roots(
        self, annotation: Annotation, roots: Iterable[Root] | None = None, onward: bool = False
    ) -> Mapping[Root, Sequence[PointProposal]]: ...

    def propose_contour(
        self, structure: str, number: int, annotation: Annotation | None = None, click: ArrayLike | None = None
    ) -> ContourProposal: ...

    def propose_contours(
        self,
        structure: str,
        annotation: Annotation | None = None,
        *,
        first: int | None = None,
        last: int | None = None,
    ) -> Iterator[ContourProposal]: ...

    def propose_ganglion(self, click: ArrayLike, root: Root | None = None, image: str = "DESS") -> PointProposal: ...


@dataclass(frozen=True, eq=False)
class Proposal:
    """Points, (n, 3) RAS mm, for a place, and how sure they are, 0..1."""

    points: Points
    confidence: float = 1.0


@dataclass
class ProposalBook:
    """The proposals of a session.

    Parameters
    ----------
    make_tracer : makes the tracer when it is first needed; None where there is no image to trace on.
    on_changed : called with the places in which something is proposed now, or no more.
    """

    make_tracer: Callable[[], Tracing | None]
    on_changed: Callable[[tuple[Place, ...]], None] = lambda _places: None
    _book: dict[Place, Proposal] = field(default_factory=dict)
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

    def put(self, place: Place, points: ArrayLike, confidence: float = 1.0) -> None:
        """Propose something."""
        self._book[place] = Proposal(as_points(points), confidence)
        self.on_changed((place,))

    def drop(self, place: Place) -> None:
        """Nothing is proposed in a place any more."""
        if self._book.pop(place, None) is not None:
            self.on_changed((place,))

    def clear(self) -> None:
        """Nothing is proposed anywhere."""
        places = tuple(self._book)
        self._book.clear()
        self.on_changed(places)

    def on_slice(self, number: int) -> Iterator[tuple[Place, Proposal]]:
        """What is proposed on a slice."""
        return ((place, proposal) for place, proposal in self._book.items() if place.slice == number)

    def has(self, place: Place) -> bool:
        """Whether something is proposed in a place."""
        return place in self._book

    def propose_course(self, annotation: Annotation, root: Root) -> tuple[list[int], str]:
        """Propose a root's points on all slices that the tracer can follow it to.

        Returns
        -------
        slices with a proposal, and a sentence why there are none or why it ended.
        """
        if self.tracer is None:
            return [], _("There is no CISS image to trace on.")
        numbers: list[int] = []
        reason = ""
        for proposal in self.tracer.propose_roots(annotation, [root], onward=True).get(root, []):
            if proposal.position is None or proposal.slice is None:
                reason = proposal.reason
            else:
                self.put(Place(ROOTS, root, proposal.slice), proposal.position, proposal.confidence)
                numbers.append(proposal.slice)
        return numbers, reason
