"""All dark spots of a run of slices, and every step that a root could take from one to the next.

The steps are the states of the search, so that the price of a bend, which takes two steps, is exact. One trellis
serves all roots: they differ only in the spots that they may use and in what these cost them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.tracing.root_settings import PathSettings
from SpineRootLib.tracing.slices import Flat

Costs = NDArray[np.float64]
Indices = NDArray[np.intp]
FORBIDDEN = 1e6


@dataclass(frozen=True, eq=False)
class Joints:
    """Pairs of successive steps through the spots of one layer, ordered for a minimum over the later (or earlier) one.

    Parameters
    ----------
    steps : (m,) the steps that have at least one partner.
    starts : (m,) where the pairs of each begin.
    partner : (p,) the partner step of each pair.
    bend : (p,) its price.
    """

    steps: Indices
    starts: Indices
    partner: Indices
    bend: Costs


@dataclass(frozen=True, eq=False)
class Trellis:
    """Spots and steps.

    Parameters
    ----------
    layers : number of slices.
    layer : (n,) slice of each spot, from 0.
    flat : (n, 2) in-plane mm.
    tail, head : (e,) spots at which each step begins and ends.
    motion : (e,) price of the step: how far sideways, and how many slices it passes over.
    before, after : by layer of the middle spot, the pairs of steps ordered by the later and by the earlier one.
    """

    layers: int
    layer: Indices
    flat: Flat
    tail: Indices
    head: Indices
    motion: Costs
    before: tuple[Joints, ...]
    after: tuple[Joints, ...]


def build_trellis(spots: Sequence[Flat], spacing: float, settings: PathSettings) -> Trellis:
    """The trellis of the spots, (n_i, 2) mm, of successive slices, `spacing` mm apart."""
    layer = np.repeat(np.arange(len(spots)), [len(each) for each in spots])
    flat = np.concatenate([np.empty((0, 2)), *spots])
    first = np.concatenate([[0], np.cumsum([len(each) for each in spots])])
    tails, heads = _steps(spots, first, spacing, settings)
    gap = layer[heads] - layer[tails]
    slope = (flat[heads] - flat[tails]) / (gap * spacing)[:, None]
    motion = 0.5 * np.sum((slope / settings.slope) ** 2, axis=1) + settings.hidden_cost * (gap - 1)
    before, after = [], []
    for index in range(len(spots)):
        pairs = _pairs(tails, heads, layer, index)
        bend = 0.5 * np.sum(((slope[pairs[1]] - slope[pairs[0]]) / settings.bend) ** 2, axis=1)
        before.append(_joints(pairs[1], pairs[0], bend))
        after.append(_joints(pairs[0], pairs[1], bend))
    return Trellis(len(spots), layer, flat, tails, heads, motion, tuple(before), tuple(after))


def _steps(spots: Sequence[Flat], first: Indices, spacing: float, settings: PathSettings) -> tuple[Indices, Indices]:
    tails, heads = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for gap in range(1, settings.most_hidden + 2):
        reach = settings.strongest_slope * spacing * (1 + settings.reach_growth * (gap - 1))
        for index in range(len(spots) - gap):
            away = spots[index + gap][None, :, :] - spots[index][:, None, :]
            tail, head = np.nonzero(np.einsum("ijd,ijd->ij", away, away) <= reach**2)
            tails.append(tail + first[index])
            heads.append(head + first[index + gap])
    return np.concatenate(tails), np.concatenate(heads)


def _pairs(tails: Indices, heads: Indices, layer: Indices, index: int) -> tuple[Indices, Indices]:
    """Steps that end in a layer paired with those that go on from the same spot."""
    ending = np.flatnonzero(layer[heads] == index)
    going = np.flatnonzero(layer[tails] == index)
    earlier, later = np.nonzero(heads[ending][:, None] == tails[going][None, :])
    return ending[earlier], going[later]


def _joints(steps: Indices, partner: Indices, bend: Costs) -> Joints:
    order = np.argsort(steps, kind="stable")
    unique, starts = np.unique(steps[order], return_index=True)
    return Joints(unique, starts, partner[order], bend[order])


@dataclass(frozen=True, eq=False)
class Search:
    """The cheapest courses of several roots through a trellis.

    Parameters
    ----------
    price, begins, ends : (r, e) as they were asked for.
    ahead : (r, e) price of the cheapest course from the root's start to the end of each step.
    behind : (r, e) price of the cheapest course from there to the root's end.
    """

    trellis: Trellis
    price: Costs
    begins: Costs
    ends: Costs
    ahead: Costs
    behind: Costs

    @property
    def through(self) -> Costs:
        """Price of the cheapest course of each root through each step, (r, e)."""
        return self.ahead + self.behind

    def course(self, root: int) -> Indices:
        """The spots of a root's cheapest course, from the first to the last; empty where there is none."""
        whole = self.begins[root] + self.price[root] + self.behind[root]
        if whole.min(initial=FORBIDDEN) >= FORBIDDEN:
            return np.empty(0, np.intp)
        step = int(np.argmin(whole))
        spots = [int(self.trellis.tail[step]), int(self.trellis.head[step])]
        while (following := self._next(root, step)) is not None:
            step = following
            spots.append(int(self.trellis.head[step]))
        return np.asarray(spots, np.intp)

    def _next(self, root: int, step: int) -> int | None:
        joints = self.trellis.after[int(self.trellis.layer[self.trellis.head[step]])]
        place = int(np.searchsorted(joints.steps, step))
        if place == len(joints.steps) or joints.steps[place] != step:
            return None
        stop = joints.starts[place + 1] if place + 1 < len(joints.starts) else len(joints.partner)
        options = joints.partner[joints.starts[place] : stop]
        cost = joints.bend[joints.starts[place] : stop] + self.price[root, options] + self.behind[root, options]
        return None if self.ends[root, step] <= cost.min() else int(options[cost.argmin()])


def search(trellis: Trellis, price: Costs, begins: Costs, ends: Costs) -> Search:
    """The cheapest courses.

    Parameters
    ----------
    price : (r, e) what each step costs a root: its motion, the spot at its head, FORBIDDEN where it may not be taken.
    begins, ends : (r, e) what it costs to begin with the step, and to end after it; FORBIDDEN where that may not be.
    """
    ahead = begins + price
    for joints in trellis.before:
        if len(joints.steps):
            best = np.minimum.reduceat(ahead[:, joints.partner] + joints.bend, joints.starts, axis=1)
            ahead[:, joints.steps] = np.minimum(ahead[:, joints.steps], best + price[:, joints.steps])
    behind = ends.copy()
    for joints in reversed(trellis.after):
        if len(joints.steps):
            onward = behind[:, joints.partner] + price[:, joints.partner] + joints.bend
            best = np.minimum.reduceat(onward, joints.starts, axis=1)
            behind[:, joints.steps] = np.minimum(behind[:, joints.steps], best)
    return Search(trellis, price, begins, ends, ahead, behind)
