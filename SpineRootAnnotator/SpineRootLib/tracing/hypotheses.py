"""Which of several courses a root takes between two marks.

A course that is found from all of the image at once may lie on a neighbouring bundle halfway between marks far apart,
where the marks leave it most room. So others are found from the marks inwards, as the eye follows a root, and what
each comes upon is weighed: how likely it is by the marks, what moves along it, the dots on it, and whether its
breadth is that of the root where it is marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SpineRootLib.anatomy import Root
from SpineRootLib.tracing.course_belief import CourseBelief
from SpineRootLib.tracing.slices import Flat

Array = NDArray[np.float64]
# A root is followed at most so many slices past the last one that was looked at.
_BESIDE = 3


@dataclass(frozen=True, eq=False)
class Way:
    """A course between two marks, and how much speaks for it without a look at the other roots."""

    belief: CourseBelief
    score: float

    @property
    def mean(self) -> Flat:
        """Where it lies, (n, 2) mm."""
        return self.belief.posterior.marginals().mean


@dataclass(frozen=True, eq=False)
class Stretch:
    """The ways of one root between two marks, the likeliest first."""

    root: Root
    ways: tuple[Way, ...]

    @property
    def lead(self) -> float:
        """By how much the likeliest way is ahead of the next that lies elsewhere."""
        return min(
            (self.ways[0].score - each.score for each in self.ways[1:] if self._apart(each).any()), default=np.inf
        )

    def _apart(self, other: Way) -> NDArray[np.bool_]:
        s = other.belief.settings.hypotheses
        return np.asarray(np.linalg.norm(self.ways[0].mean - other.mean, axis=1) > s.apart_mm)

    def odds(self) -> Array:
        """By how much the likeliest way leads all that lie elsewhere on a slice, (n,); infinite where none does."""
        found = np.full(len(self.ways[0].mean), np.inf)
        for each in self.ways[1:]:
            found = np.where(self._apart(each), np.minimum(found, self.ways[0].score - each.score), found)
        return found


def stretches(root: Root, belief: CourseBelief) -> Iterator[Stretch]:
    """The ways of a root between each two marks that are farther apart than one slice."""
    for first, last in pairwise(belief.numbers[belief.marked].tolist()):
        if last - first > 1:
            part = belief.part(first, last)
            tried = [_at_once]
            if part.prior.deviation.max() >= belief.settings.hypotheses.free_mm:
                tried += [_inwards, _upwards]
            found = [way(belief.part(first, last)) for way in tried]
            ways = [Way(each, _score(each)) for each in found] if len(found) > 1 else [Way(found[0], 0.0)]
            yield Stretch(root, tuple(sorted(ways, key=lambda each: -each.score)))


def chosen(found: Iterable[Stretch]) -> list[Stretch]:
    """The stretches of all roots, each with the way first that it takes.

    The one whose likeliest way is farthest ahead chooses first; a way where another root already runs costs.
    """
    taken: dict[int, list[tuple[Root, Flat]]] = {}
    answer = []
    for stretch in sorted(found, key=lambda each: (-each.lead, each.root, int(each.ways[0].belief.numbers[0]))):
        ways = [Way(each.belief, each.score - _shared(stretch.root, each, taken)) for each in stretch.ways]
        best = Stretch(stretch.root, tuple(sorted(ways, key=lambda each: -each.score)))
        answer.append(best)
        for number, at in zip(best.ways[0].belief.numbers.tolist(), best.ways[0].mean, strict=True):
            taken.setdefault(number, []).append((stretch.root, at))
    return answer


def _shared(root: Root, way: Way, taken: Mapping[int, Sequence[tuple[Root, Flat]]]) -> float:
    """What a way costs where other roots run."""
    s, total = way.belief.settings, 0.0
    for number, at in zip(way.belief.numbers.tolist(), way.mean, strict=True):
        away = [float(np.sum((at - place) ** 2)) for other, place in taken.get(number, ()) if other != root]
        total += s.hypotheses.shared * sum(np.exp(-0.5 * each / s.dots.claim_mm**2) for each in away)
    return total


def _at_once(belief: CourseBelief) -> CourseBelief:
    """The course from all of the image at once."""
    s = belief.settings.posterior
    for _ in range(s.motion_rounds):
        belief.look_at_motion()
    for _ in range(s.rounds):
        belief.look_at_dots([])
    belief.look_at_motion()
    return belief


def _inwards(belief: CourseBelief) -> CourseBelief:
    """The course from both marks inwards."""
    return _followed(belief, np.ones(len(belief.numbers), dtype=bool))


def _upwards(belief: CourseBelief) -> CourseBelief:
    """The course from the lower mark upwards: above, roots lie together that part farther down."""
    allowed = np.ones(len(belief.numbers), dtype=bool)
    allowed[0] = False
    return _followed(belief, allowed)


def _followed(belief: CourseBelief, begins: NDArray[np.bool_]) -> CourseBelief:
    """A course followed from the marks at which it begins: a slice is looked at once the root's place there is known.

    Parameters
    ----------
    begins : (n,) where it is False nothing is known but by the other slices.
    """
    s, looks = belief.settings.hypotheses, np.zeros(len(belief.numbers), dtype=int)
    steps = np.zeros(len(looks) - 1, dtype=int)
    looks[belief.marked & begins] = s.looks
    while np.any(looks < s.looks):
        deviation = np.sqrt(np.linalg.eigvalsh(belief.posterior.marginals().covariance)[:, -1])
        waiting = (looks < s.looks) & _reached(looks)
        limit = max(s.sure_mm, s.looser * float(deviation[waiting].min()))
        rows = np.flatnonzero(waiting & (deviation <= limit))
        moving = np.flatnonzero((looks[1:] > 0) & (looks[:-1] > 0) & (steps < s.looks))
        belief.look_at_motion(moving)
        belief.look_at_dots([], rows)
        looks[rows] += 1
        steps[moving] += 1
    for _ in range(s.last_looks):
        belief.look_at_motion()
        belief.look_at_dots([])
    return belief


def _reached(looks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The slices that were looked at, and those beside them, (n,)."""
    return np.asarray(ndimage.binary_dilation(looks > 0, iterations=_BESIDE))


def _score(belief: CourseBelief) -> float:
    """How much speaks for a course, a weighted sum of log-likelihoods."""
    s, posterior = belief.settings.hypotheses, belief.posterior
    motion = float(belief.moved_back().sum())
    dots = float(belief.evidence(np.zeros((len(belief.numbers), 1, 2)), []).sum())
    breadth = belief.breadth()
    unlike = np.abs(breadth - breadth[[0, -1]].mean())[1:-1].sum()
    return (
        s.prior * posterior.log_density()
        + s.volume * posterior.log_volume()
        + s.motion * motion
        + s.dots * dots
        - s.alike * float(unlike)
    )
