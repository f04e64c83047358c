"""The strips of a subject: one a root, and the sac from the front and from the side, with what is marked on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import inside
from SpineRootLib.frames import as_points
from SpineRootLib.place import Place
from SpineRootLib.strips.settings import StripSettings
from SpineRootLib.strips.strip import Across, Strip, strip_along

Flat = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MarkedStrip:
    """A strip and what is marked on it.

    Parameters
    ----------
    title : what it runs along.
    root : None for the sac.
    marks, proposed : the root's points by slice, places on the strip, (2,): those of a person, and those that nobody
        has confirmed.
    in_front_mm : how far each of them lies in front of the sheet, by slice.
    others : the places, (n, 2), of the other roots that come near, from cranial to caudal.
    edges : where the sheet cuts dura and cord, (m, 2), by structure.
    exit_slice : the lowest slice on which the root lies inside of the dura, if it leaves it; None if that is not seen.
    """

    title: str
    strip: Strip
    root: Root | None = None
    marks: Mapping[int, Flat] = field(default_factory=dict)
    proposed: Mapping[int, Flat] = field(default_factory=dict)
    in_front_mm: Mapping[int, float] = field(default_factory=dict)
    others: Mapping[Root, Flat] = field(default_factory=dict)
    edges: Mapping[str, Flat] = field(default_factory=dict)
    exit_slice: int | None = None


def root_strip(
    annotation: Annotation,
    root: Root,
    across: Across = Across.LEFT_RIGHT,
    settings: StripSettings | None = None,
    proposals: Mapping[int, ArrayLike] | None = None,
    strip: Strip | None = None,
    edges: Mapping[str, Flat] | None = None,
) -> MarkedStrip:
    """The strip along a root.

    Parameters
    ----------
    proposals : what is proposed besides, and is not in the annotation: points by slice, each (3,) RAS mm.
    strip, edges : one that was cut along the root before, and where it cuts dura and cord, to be used again.

    Raises
    ------
    GeometryError
        if nothing of the root is marked or proposed, or the slices are not known.
    """
    marked = annotation.root_by_slice(root)
    points = {**{number: as_points(point)[0] for number, point in (proposals or {}).items()}, **marked}
    strip = strip or strip_along(annotation.require_planes(), points, across, settings=settings)
    places, fronts = strip.to_strip(list(points.values()))
    by_slice = dict(zip(points, places, strict=True))
    confirmed = {number for number in marked if not annotation.provenance.is_proposed(Place(ROOTS, root, number))}
    return MarkedStrip(
        str(root),
        strip,
        root,
        marks={number: place for number, place in by_slice.items() if number in confirmed},
        proposed={number: place for number, place in by_slice.items() if number not in confirmed},
        in_front_mm=dict(zip(points, map(float, fronts), strict=True)),
        others=dict(_others(annotation, root, strip)),
        edges=edges or _edges(annotation, strip),
        exit_slice=_exit(annotation, marked),
    )


def sac_strip(annotation: Annotation, across: Across, settings: StripSettings | None = None) -> MarkedStrip:
    """The strip along the middle of the sac: how far down dura and cord go, and where they are not marked.

    Raises
    ------
    GeometryError
        if no dura is marked or the slices are not known.
    """
    settings = settings or StripSettings()
    middles = {number: each.points.mean(axis=0) for number, each in annotation.contours_by_slice(DURA).items()}
    strip = strip_along(annotation.require_planes(), middles, across, settings.sac_half_width_mm, settings)
    return MarkedStrip(_sac_title(across), strip, edges=_edges(annotation, strip))


def subject_strips(
    annotation: Annotation, across: Across = Across.LEFT_RIGHT, settings: StripSettings | None = None
) -> list[MarkedStrip]:
    """The sac's two strips, where the dura is marked, and one of each root of which something is."""
    strips = [sac_strip(annotation, each, settings) for each in Across] if annotation.dura else []
    marked = [root for root in annotation.expected_roots() if root in annotation.roots]
    return strips + [root_strip(annotation, root, across, settings) for root in marked]


def _sac_title(across: Across) -> str:
    return "sac, from the front" if across is Across.LEFT_RIGHT else "sac, from the side"


def _others(annotation: Annotation, root: Root, strip: Strip) -> Iterator[tuple[Root, Flat]]:
    for other in annotation.roots:
        places, front = strip.to_strip(annotation.root_descending(other))
        seen = (strip.first <= places[:, 1]) & (places[:, 1] <= strip.last)
        near = seen & (np.hypot(places[:, 0], front) <= strip.half_width_mm)
        if other != root and near.any():
            yield other, places[near]


def _edges(annotation: Annotation, strip: Strip) -> dict[str, Flat]:
    return {
        structure: strip.edges({n: each.curve() for n, each in annotation.contours_by_slice(structure).items()})
        for structure in (DURA, CORD)
    }


def _exit(annotation: Annotation, points: Mapping[int, Flat]) -> int | None:
    planes, dura = annotation.require_planes(), annotation.contours_by_slice(DURA)
    lies_in = {
        number: bool(inside(planes.flatten(dura[number].curve()), planes.flatten(point))[0])
        for number, point in points.items()
        if number in dura
    }
    within = [number for number, is_in in lies_in.items() if is_in]
    below = [number for number, is_in in lies_in.items() if not is_in and within and number > max(within)]
    return max(within) if below else None
