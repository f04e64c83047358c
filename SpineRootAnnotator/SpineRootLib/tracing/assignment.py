"""The courses of all roots together: no dark spot belongs to two roots without a price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.settings import PathSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.trellis import FORBIDDEN, Costs, Indices, Search, Trellis, build_trellis, search


@dataclass(frozen=True, eq=False)
class Layer:
    """The dark spots of a slice: centres, (n, 2) in-plane mm, and what it costs any root to use each, (n,)."""

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
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        fixed: Sequence[Mapping[int, Flat]],
        spacing: float,
        settings: PathSettings,
        open_ends: bool = False,
    ):
        self.settings, self.fixed, self.spacing = settings, fixed, spacing
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
            [np.concatenate([layer.cost, np.zeros(len(pins))]) for layer, pins in zip(layers, pinned, strict=True)]
        )
        self.trellis: Trellis = build_trellis(spots, spacing, settings)
        self.open_ends = open_ends
        self._begins, self._ends = self._limits()
        self._barred = self._barred_steps()

    def courses(self, progress: Progress | None = None) -> list[Course]:
        """The courses of all roots, assigned together by prices on contested spots (Lagrangian relaxation)."""
        price = np.zeros(len(self.cost))
        found = self._search(np.broadcast_to(price, (len(self.fixed), len(price))))
        for turn in range(self.settings.most_turns):
            report(progress, turn / self.settings.most_turns, "Assigning spots to roots")
            use = self._use([found.course(root) for root in range(len(self.fixed))])
            if use.max(initial=0) <= 1:
                break
            step = self.settings.price_step / (1 + turn / 8)
            price = np.clip(price + step * np.where(use > 0, use - 1, -0.3), 0, self.settings.share_cost)
            found = self._search(np.broadcast_to(price, (len(self.fixed), len(price))))
        chosen = [found.course(root) for root in range(len(self.fixed))]
        judged = self._search(self._taken(chosen))
        return [self._course(root, spots, judged) for root, spots in enumerate(chosen)]

    def _search(self, price: Costs) -> Search:
        trellis = self.trellis
        step_price = trellis.motion + self.cost[trellis.head] + price[:, trellis.head]
        return search(trellis, np.where(self._barred, FORBIDDEN, step_price), self._begins, self._ends)

    def _use(self, courses: Sequence[Indices]) -> NDArray[np.int64]:
        used = np.concatenate([np.empty(0, np.intp), *courses])
        return np.bincount(used, minlength=len(self.cost))

    def _taken(self, courses: Sequence[Indices]) -> Costs:
        """What the spots cost each root when the other roots keep theirs, (r, n)."""
        use = self._use(courses)
        price = np.empty((len(courses), len(use)))
        for root, spots in enumerate(courses):
            own = np.bincount(spots, minlength=len(use))
            price[root] = self.settings.taken_cost * ((use - own) > 0)
            price[root, spots] = 0.0
        return price

    def _limits(self) -> tuple[NDArray[np.bool_], Costs]:
        trellis = self.trellis
        tail_layer, head_layer = trellis.layer[trellis.tail], trellis.layer[trellis.head]
        begins = np.zeros((len(self.fixed), len(trellis.tail)), dtype=bool)
        ends = np.full(begins.shape, FORBIDDEN)
        for root, points in enumerate(self.fixed):
            own = self.owner == root
            begins[root] = own[trellis.tail] & (tail_layer == min(points))
            if self.open_ends:
                left = trellis.layers - 1 - head_layer
                ends[root] = np.where(head_layer >= max(points), self.settings.hidden_cost * left, FORBIDDEN)
            else:
                ends[root] = np.where(own[trellis.head] & (head_layer == max(points)), 0.0, FORBIDDEN)
        return begins, ends

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
