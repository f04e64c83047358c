"""The courses of all roots together: no dark spot belongs to two roots without a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.root_settings import PathSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.trellis import FORBIDDEN, Costs, Indices, Search, Trellis, build_trellis, search


@dataclass(frozen=True, eq=False)
class Layer:
    """The dark spots of a slice: centres, (n, 2) in-plane mm, and what it costs each root to use each, (roots, n)."""

    flat: Flat
    cost: Costs


@dataclass(frozen=True, eq=False)
class Course:
    """The course of a root over the layers from its first to its last.

    Parameters
    ----------
    layers : (k,) consecutive.
    flat : (k, 2) in-plane mm; interpolated where no spot was found.
    seen : (k,) whether a spot was found there.
    margin : (k,) how much dearer the best course is that passes elsewhere on this slice.
    """

    layers: Indices
    flat: Flat
    seen: NDArray[np.bool_]
    margin: Costs


class Field:
    """The spots of a run of slices and the fixed points of the roots that run through them.

    Parameters
    ----------
    layers : the spots, from cranial to caudal.
    fixed : for each root the confirmed points, in-plane mm, by layer; at least one each.
    open_ends : whether roots run on beyond their first and last fixed point, as far as there are layers.
    last : for each root the layer about which it is expected to end, or None where that is not known.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        fixed: Sequence[Mapping[int, Flat]],
        spacing: float,
        settings: PathSettings,
        open_ends: bool = False,
        last: Sequence[int | None] | None = None,
    ):
        self.settings, self.fixed, self.spacing = settings, fixed, spacing
        self.last: Sequence[int | None] = [None] * len(fixed) if last is None else last
        pinned = [
            [(root, points[index]) for root, points in enumerate(fixed) if index in points]
            for index in range(len(layers))
        ]
        spots = [
            np.vstack([layer.flat, *(flat for _, flat in pins)]) for layer, pins in zip(layers, pinned, strict=True)
        ]
        self.owner = np.concatenate(
            [
                np.concatenate([np.full(len(layer.flat), -1), [root for root, _ in pins]])
                for layer, pins in zip(layers, pinned, strict=True)
            ]
        ).astype(int)
        self.cost = np.concatenate(
            [
                np.concatenate([layer.cost, np.zeros((len(fixed), len(pins)))], axis=1)
                for layer, pins in zip(layers, pinned, strict=True)
            ],
            axis=1,
        )
        self.trellis: Trellis = build_trellis(spots, spacing, settings)
        self.open_ends = open_ends
        self._begins, self._ends = self._limits()
        self._barred = self._barred_steps()
        self._relief = self._onward_relief()

    def courses(self, progress: Progress | None = None) -> list[Course]:
        """The courses of all roots, assigned together.

        Prices on spots that several roots want rise until each is used once (Lagrangian relaxation of disjoint paths);
        of all assignments on the way the cheapest is taken, and each root once more given its best answer to the rest.
        """
        settings = self.settings
        price = np.zeros(len(self.owner))
        best, least = [np.empty(0, np.intp) for _ in self.fixed], np.inf
        for turn in range(settings.most_turns):
            report(progress, turn / settings.most_turns, "Assigning spots to roots")
            found = self._search(np.broadcast_to(price, (len(self.fixed), len(price))))
            chosen = [found.course(root) for root in range(len(self.fixed))]
            use, total = self._use(chosen), self._total(found, chosen, price)
            if total < least:
                best, least = chosen, total
            if use.max(initial=0) <= 1:
                break
            step = settings.price_step / (1 + turn / settings.price_turns)
            price = np.clip(price + step * np.where(use > 0, use - 1, -settings.price_fall), 0, settings.share_cost)
        best = self._answered(best)
        judged = self._search(self._taken(best, settings.taken_cost))
        return [self._course(root, spots, judged) for root, spots in enumerate(best)]

    def _total(self, found: Search, chosen: Sequence[Indices], price: Costs) -> float:
        """The price of an assignment, with each shared spot dear as it is."""
        shared = self.settings.share_cost * float(np.maximum(self._use(chosen) - 1, 0).sum())
        through = found.through.min(axis=1, initial=FORBIDDEN)
        return shared + sum(float(least - price[spots].sum()) for least, spots in zip(through, chosen, strict=True))

    def _answered(self, courses: Sequence[Indices]) -> list[Indices]:
        """Each root in turn given its best course while the others keep theirs, until nothing changes."""
        best = list(courses)
        for _ in range(self.settings.most_answers):
            before = [course.tolist() for course in best]
            for root in range(len(best)):
                price = self._taken(best, self.settings.share_cost)[root : root + 1]
                best[root] = self._search(price, [root]).course(0)
            if [course.tolist() for course in best] == before:
                break
        return best

    def _search(self, price: Costs, roots: Sequence[int] | None = None) -> Search:
        """The cheapest courses of some roots, by default of all; price, (r, n), is what spots cost each beyond that."""
        rows = range(len(self.fixed)) if roots is None else roots
        trellis = self.trellis
        chosen = list(rows)
        step_price = trellis.motion - self._relief[chosen] + self.cost[chosen][:, trellis.head] + price[:, trellis.head]
        barred, begins, ends = self._barred[chosen], self._begins[chosen], self._ends[chosen]
        return search(trellis, np.where(barred, FORBIDDEN, step_price), begins, ends)

    def _use(self, courses: Sequence[Indices]) -> NDArray[np.int64]:
        used = np.concatenate([np.empty(0, np.intp), *courses])
        return np.bincount(used, minlength=len(self.owner))

    def _taken(self, courses: Sequence[Indices], cost: float) -> Costs:
        """What the spots of the other roots cost each root, (r, n)."""
        own = np.array([np.bincount(spots, minlength=len(self.owner)) for spots in courses])
        return np.asarray(cost * ((own.sum(axis=0) - own) > 0))

    def _limits(self) -> tuple[Costs, Costs]:
        """What it costs each root to begin and to end with each step, (r, e)."""
        trellis, short = self.trellis, self.settings.end_cost
        tail_layer, head_layer = trellis.layer[trellis.tail], trellis.layer[trellis.head]
        begins = np.full((len(self.fixed), len(trellis.tail)), FORBIDDEN)
        ends = begins.copy()
        for root, points in enumerate(self.fixed):
            own = self.owner == root
            if self.open_ends:
                above, below = tail_layer <= min(points), head_layer >= max(points)
                begins[root, above] = short * tail_layer[above]
                last = self.last[root]
                expected = trellis.layers - 1 if last is None else last
                ends[root, below] = short * np.abs(head_layer[below] - expected)
            else:
                begins[root, own[trellis.tail] & (tail_layer == min(points))] = 0.0
                ends[root, own[trellis.head] & (head_layer == max(points))] = 0.0
        return begins, ends

    def _onward_relief(self) -> Costs:
        """What is taken off the price of steep steps beyond a root's confirmed points, (r, e)."""
        trellis, settings = self.trellis, self.settings
        hidden = settings.hidden_cost * (trellis.layer[trellis.head] - trellis.layer[trellis.tail] - 1)
        excess = np.maximum(trellis.motion - hidden - settings.onward_limit, 0.0)
        return np.array(
            [
                excess * ((trellis.layer[trellis.head] <= min(points)) | (trellis.layer[trellis.tail] >= max(points)))
                for points in self.fixed
            ]
        )

    def _barred_steps(self) -> NDArray[np.bool_]:
        """Steps that a root may not take: past a fixed point of its own, or to one of another root or close to it."""
        trellis = self.trellis
        barred = np.zeros((len(self.fixed), len(trellis.tail)), dtype=bool)
        for root, points in enumerate(self.fixed):
            pinned = np.zeros(trellis.layers + 1, dtype=int)
            pinned[[index + 1 for index in points]] = 1
            passed = np.cumsum(pinned)
            head, tail = trellis.layer[trellis.head], trellis.layer[trellis.tail]
            over = passed[head] - passed[tail + 1] > 0
            foreign = self._foreign(root, points)
            barred[root] = over | foreign[trellis.head] | foreign[trellis.tail]
        return barred

    def _foreign(self, root: int, points: Mapping[int, Flat]) -> NDArray[np.bool_]:
        trellis = self.trellis
        foreign = (self.owner >= 0) & (self.owner != root)
        for index in range(trellis.layers):
            here = np.flatnonzero(trellis.layer == index)
            if index in points:
                foreign[here] = self.owner[here] != root
                continue
            pins = here[self.owner[here] >= 0]
            if len(pins):
                away = np.linalg.norm(trellis.flat[here][:, None] - trellis.flat[pins][None], axis=2).min(axis=1)
                foreign[here] |= away < self.settings.own_mm
        return foreign

    def _course(self, root: int, spots: Indices, judged: Search) -> Course:
        trellis = self.trellis
        if not len(spots):
            none = np.empty(0)
            return Course(np.empty(0, np.intp), np.empty((0, 2)), none.astype(bool), none)
        at = trellis.layer[spots]
        layers = np.arange(at[0], at[-1] + 1)
        flat = np.column_stack([np.interp(layers, at, trellis.flat[spots, axis]) for axis in range(2)])
        margin = self._margins(root, layers, flat, judged)
        return Course(layers, flat, np.isin(layers, at), margin)

    def _margins(self, root: int, layers: Indices, flat: Flat, judged: Search) -> Costs:
        """How much dearer the best course is that stays away from each place."""
        trellis = self.trellis
        through = judged.through[root]
        best = through.min()
        possible = np.flatnonzero(through < best + self.settings.largest_margin)
        tail, head = trellis.tail[possible], trellis.head[possible]
        margins = np.full(len(layers), self.settings.largest_margin)
        for place, layer in enumerate(layers):
            crossing = (trellis.layer[tail] < layer) & (trellis.layer[head] >= layer)
            if not crossing.any():
                continue
            first, last = tail[crossing], head[crossing]
            part = (layer - trellis.layer[first]) / (trellis.layer[last] - trellis.layer[first])
            where = trellis.flat[first] + part[:, None] * (trellis.flat[last] - trellis.flat[first])
            elsewhere = np.linalg.norm(where - flat[place], axis=1) > self.settings.wrong_mm
            if elsewhere.any():
                margins[place] = through[possible][crossing][elsewhere].min() - best
        return np.maximum(margins, 0.0)
