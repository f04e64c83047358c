"""The tip of the cord below its last contour: a cone to the filum terminale, and the filum; modelled, not traced."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.surfaces.rings import RingStack, ring_areas, ring_centroids
from SpineRootLib.surfaces.settings import FILUM, ConusSettings


def tapered(cord: RingStack, dura: RingStack, spacing: float, kind: str, settings: ConusSettings) -> RingStack:
    """The rings of a cord and, below the last, those of a cone, and of the filum if `kind` says so.

    The cone narrows as the cord does over its last slices. Both keep their place beside the middle of the sac, in
    which they end.

    Parameters
    ----------
    dura : rings within which the cord lies.
    spacing : mm between numbers.
    """
    radius = np.sqrt(ring_areas(cord.rings) / np.pi)
    last, room = float(cord.numbers[-1]), float(dura.numbers[-1] - cord.numbers[-1])
    looked = cord.numbers >= last - settings.looked_mm / spacing
    slope = -float(np.polyfit(cord.numbers[looked], radius[looked], 1)[0]) if looked.sum() > 1 else 0.0
    shortest, longest = (each / spacing for each in settings.lengths_mm)
    thin = min(settings.filum_mm / 2, float(radius[-1]))
    length = float(np.clip((radius[-1] - thin) / max(slope, 1e-9), shortest, longest))
    below = room - settings.above_end_mm / spacing
    if below < shortest:
        return cord
    length = min(length, below)
    end = below if kind == FILUM else length
    steps = np.linspace(0.0, end, 1 + max(2, int(np.ceil(end * spacing / settings.step_mm))))[1:]
    # the cone ends on a ring of its own
    steps = np.unique(np.append(steps, length))
    share = np.interp(steps, [0.0, length], [1.0, thin / float(radius[-1])])
    numbers = last + steps
    beside = ring_centroids(cord.rings[-1:])[0] - ring_centroids(dura.ring_at(last)[None])[0]
    around = np.array([dura.ring_at(number) for number in numbers])
    scale = np.sqrt(ring_areas(around) / ring_areas(dura.ring_at(last)[None]))
    centres = ring_centroids(around) + scale[:, None] * beside
    shape = cord.rings[-1] - ring_centroids(cord.rings[-1:])[0]
    # the filum is round
    rounded = _round(shape)
    part = np.interp(steps, [0.0, length], [0.0, 1.0])[:, None, None]
    rings = centres[:, None] + share[:, None, None] * ((1 - part) * shape + part * rounded)
    return RingStack(np.concatenate([cord.numbers, numbers]), np.concatenate([cord.rings, rings]))


def _round(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ring about 0, (m, 2), as a circle of the same area."""
    reach = np.linalg.norm(shape, axis=1, keepdims=True)
    circle = shape / reach
    return np.asarray(circle * np.sqrt(ring_areas(shape[None])[0] / ring_areas(circle[None])[0]))
