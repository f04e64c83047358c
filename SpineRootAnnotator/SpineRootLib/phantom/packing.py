"""Bundles that lie in the sac: discs on every layer that push each other aside, held to themselves above and below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.cyst import PlacedCyst
from SpineRootLib.phantom.tube import Tube

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

# Rounds from one search for neighbours to the next, and mm by which they may come nearer meanwhile.
_PAIRS_EVERY = 8
_REACH_MM = 0.6


@dataclass(eq=False)
class Load:
    """What is to be packed: `b` bundles on `d` layers.

    Parameters
    ----------
    depth : (d,) mm of the layers, evenly spaced.
    course : (b, d, 2) x and y where each would lie by itself.
    radius : (b, d) mm; 0 where there is no bundle.
    mass : (b,) how little each gives way.
    leader : (b,) index of the bundle that each follows; its own where it follows none.
    beside : (b, d, 2) where it lies from its leader, mm.
    following : (b, d) from 0, on its own course, to 1, beside its leader.
    """

    depth: Array
    course: Array
    radius: Array
    mass: Array
    leader: Indices
    beside: Array
    following: Array

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where there is a bundle, (b, d)."""
        return self.radius > 0


def pack(load: Load, sac: Tube, cord: Tube, cysts: Sequence[PlacedCyst], settings: CrowdSettings) -> Array:
    """Where the bundles come to lie, x and y, (b, d, 2), mm."""
    present = load.present
    place = load.course.copy()
    own = (1.0 - load.following)[..., None]
    pairs: tuple[Indices, Indices] = (np.empty(0, np.intp), np.empty(0, np.intp))
    gap = settings.apart_mm * (1.0 - settings.crowding)
    for number in range(settings.rounds):
        pull = settings.pull * (1.0 - number / settings.rounds)
        wanted = own * load.course + load.following[..., None] * (place[load.leader] + load.beside)
        place += np.where(present[..., None], pull * (wanted - place), 0.0)
        place = _straightened(place, present, settings.stiffness)
        if number % _PAIRS_EVERY == 0:
            pairs = _neighbours(place, load.radius, present, settings.overlap, gap)
        for _ in range(2):
            _push_apart(place, load, pairs, settings.overlap, gap)
            for cyst in cysts:
                _keep_off_cyst(place, load, cyst)
            _keep_inside(place, load, sac, settings.on_wall)
            _keep_off(place, load, cord, settings.on_cord)
    return place


def _straightened(place: Array, present: NDArray[np.bool_], share: float) -> Array:
    """Each bundle moved towards the mean of its neighbours on the layers above and below; its ends stay."""
    inner = present[:, 1:-1] & present[:, :-2] & present[:, 2:]
    bend = 0.5 * (place[:, :-2] + place[:, 2:]) - place[:, 1:-1]
    moved = place.copy()
    moved[:, 1:-1] += share * np.where(inner[..., None], bend, 0.0)
    return moved


def _neighbours(
    place: Array, radius: Array, present: NDArray[np.bool_], overlap: float, gap: float
) -> tuple[Indices, Indices]:
    """Flat indices of pairs of bundles that could touch on a layer before the next search."""
    count = place.shape[1]
    first: list[Indices] = []
    second: list[Indices] = []
    for layer in range(count):
        here = np.flatnonzero(present[:, layer])
        at, thick = place[here, layer], radius[here, layer]
        apart = np.hypot(at[:, None, 0] - at[:, 0], at[:, None, 1] - at[:, 1])
        near = apart < overlap * (thick[:, None] + thick) + gap + _REACH_MM
        one, other = np.nonzero(np.triu(near, 1))
        first.append(here[one] * count + layer)
        second.append(here[other] * count + layer)
    return np.concatenate(first), np.concatenate(second)


def _push_apart(place: Array, load: Load, pairs: tuple[Indices, Indices], overlap: float, gap: float) -> None:
    """Move pairs that lie too close away from each other, the lighter one more, in place."""
    flat, thick = place.reshape(-1, 2), load.radius.reshape(-1)
    one, other = pairs
    first, second = (load.mass[index // len(load.depth)] for index in pairs)
    away = flat[other] - flat[one]
    apart = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)
    push = np.maximum(overlap * (thick[one] + thick[other]) + gap - apart, 0.0)
    step = (0.8 * push / apart)[:, None] * away
    back, forth = (second / (first + second))[:, None] * step, (first / (first + second))[:, None] * step
    for axis in range(2):
        flat[:, axis] += np.bincount(other, forth[:, axis], len(flat)) - np.bincount(one, back[:, axis], len(flat))


def _keep_inside(place: Array, load: Load, sac: Tube, share: float) -> None:
    """Move what lies in the wall to the middle, in place."""
    row, layer = np.nonzero(load.present)
    at, depth = place[row, layer], load.depth[layer]
    missing = np.maximum(sac.distance(at[:, 0], at[:, 1], depth) + share * load.radius[row, layer], 0.0)
    place[row, layer] += missing[:, None] * _unit(sac.centre(load.depth)[layer] - at)


def _keep_off(place: Array, load: Load, cord: Tube, share: float) -> None:
    """Move what lies in the cord out of it, in place."""
    row, layer = np.nonzero(load.present & (load.depth < cord.bottom))
    at, depth = place[row, layer], load.depth[layer]
    missing = np.maximum(share * load.radius[row, layer] - cord.distance(at[:, 0], at[:, 1], depth), 0.0)
    place[row, layer] += missing[:, None] * _unit(at - cord.centre(load.depth)[layer])


def _keep_off_cyst(place: Array, load: Load, cyst: PlacedCyst) -> None:
    """Move what lies in a cyst out of it, in place."""
    row, layer = np.nonzero(load.present & (np.abs(load.depth - cyst.depth) < cyst.half_length))
    at = place[row, layer]
    missing = np.maximum(load.radius[row, layer] - cyst.distance(at[:, 0], at[:, 1], load.depth[layer]), 0.0)
    place[row, layer] += missing[:, None] * _unit(at - [cyst.x, cyst.y])


def _unit(vectors: Array) -> Array:
    """Vectors (n, 2) of length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))


def layers(ends: Sequence[float], step: float) -> Array:
    """Depths of layers from the first to the last end, mm, evenly spaced."""
    return np.arange(ends[0], ends[1] + step, step)
