"""Takes flat tetrahedra out of a region: what a mesher leaves between vertices of a surface that it may not move.

The worst first, a cavity of tetrahedra around one is emptied and filled anew from a single vertex in it: around the
tetrahedron itself, around one of its edges, or around one of its vertices that is free (that moves the vertex). The
vertex is searched for by steps in many directions, ever shorter, so that the smallest angle between faces gets as
large as it can (as in Freitag and Ollivier-Gooch, 1997). What does not help is not done, and the surface stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.frames import Points
from SpineRootLib.surfaces.mesh import Triangles
from SpineRootLib.volume.settings import RepairSettings
from SpineRootLib.volume.tetrahedra import FACES, Tetrahedra, smallest_angles

# a step has to gain this many degrees
_LEAST_GAIN = 1e-3


def repaired(points: Points, tetrahedra: Tetrahedra, fixed: int, settings: RepairSettings) -> tuple[Points, Tetrahedra]:
    """Points and tetrahedra without flat ones, as far as that can be.

    Parameters
    ----------
    points : (n, 3) mm, of which the first `fixed` lie on the surface.
    tetrahedra : (m, 4), of positive volume.
    """
    work = _Repair(points, tetrahedra, fixed, settings)
    for _ in range(settings.rounds):
        if not work.one_round():
            break
    return work.result()


class _Repair:
    """Tetrahedra of which some are replaced."""

    def __init__(self, points: Points, tetrahedra: Tetrahedra, fixed: int, settings: RepairSettings) -> None:
        self._points, self._tetrahedra, self._fixed, self._settings = points, tetrahedra, fixed, settings
        self._angles = smallest_angles(points[tetrahedra])
        self._directions = _spread(settings.turns)

    def result(self) -> tuple[Points, Tetrahedra]:
        """What is there now, without points that nothing uses."""
        used = np.ones(len(self._points), dtype=bool)
        used[self._fixed :] = False
        used[self._tetrahedra.ravel()] = True
        return self._points[used], (np.cumsum(used) - 1)[self._tetrahedra]

    def one_round(self) -> bool:
        """Try each flat tetrahedron once, the flattest first; whether anything was changed."""
        flat = np.flatnonzero(self._angles < self._settings.least_deg)
        corners = [tuple(self._tetrahedra[each].tolist()) for each in flat[np.argsort(self._angles[flat])]]
        changed = [self._improve(each) for each in corners]
        return any(changed)

    def _improve(self, corners: tuple[int, ...]) -> bool:
        """Replace the cavity around a tetrahedron that gains most; whether there was one."""
        near = np.flatnonzero(np.isin(self._tetrahedra, corners).any(axis=1))
        own = near[(np.sort(self._tetrahedra[near], axis=1) == np.sort(corners)).all(axis=1)]
        if not len(own):
            return False
        best, chosen = _LEAST_GAIN, None
        for cavity in self._cavities(corners, near, int(own[0])):
            faces = _boundary(self._tetrahedra[cavity])
            before = self._angles[cavity].min()
            place, after = self._place(faces, cavity)
            if after - before > best:
                best, chosen = after - before, (cavity, faces, place)
                if after >= self._settings.least_deg:
                    break
        if chosen is not None:
            self._replace(*chosen)
        return chosen is not None

    def _cavities(self, corners: tuple[int, ...], near: NDArray[np.int64], own: int) -> Iterator[NDArray[np.int64]]:
        """Tetrahedra around the free vertices of one, around its edges, beside its faces."""
        held = self._tetrahedra[near][:, :, None] == np.array(corners)
        holds = held.any(axis=1)
        for rank, corner in enumerate(corners):
            if corner >= self._fixed:
                yield near[holds[:, rank]]
        for one, other in combinations(range(4), 2):
            yield near[holds[:, one] & holds[:, other]]
        yield np.append(near[holds.sum(axis=1) == 3], own)

    def _place(self, faces: Triangles, cavity: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
        """Where in a cavity a vertex is best, and the smallest angle then."""
        corners = self._points[faces]
        ring = self._points[np.unique(faces)]
        middles = self._points[self._tetrahedra[cavity]].mean(axis=1)
        starts = np.concatenate([ring.mean(axis=0)[None], middles])
        angles = _angles_from(corners, starts)
        place, best = starts[angles.argmax()], float(angles.max())
        step = float(np.linalg.norm(np.ptp(ring, axis=0))) / 4
        for _ in range(self._settings.tries):
            tried = place + step * self._directions
            angles = _angles_from(corners, tried)
            if angles.max() > best:
                place, best = tried[angles.argmax()], float(angles.max())
            else:
                step /= 2
        return place, best

    def _replace(self, cavity: NDArray[np.int64], faces: Triangles, place: NDArray[np.float64]) -> None:
        """Fill a cavity from a new vertex."""
        new = np.column_stack([faces, np.full(len(faces), len(self._points))])
        self._points = np.concatenate([self._points, place[None]])
        angles = smallest_angles(self._points[new])
        self._tetrahedra = np.concatenate([np.delete(self._tetrahedra, cavity, axis=0), new])
        self._angles = np.concatenate([np.delete(self._angles, cavity), angles])


def _boundary(tetrahedra: Tetrahedra) -> Triangles:
    """The faces of some tetrahedra that only one of them has, counter-clockwise seen from inside."""
    faces = tetrahedra[:, FACES].reshape(-1, 3)
    _, place, often = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    return np.asarray(faces[often[place.ravel()] == 1][:, ::-1])


def _angles_from(faces: NDArray[np.float64], places: Points) -> NDArray[np.float64]:
    """The smallest angle of the tetrahedra from each of some places, (k, 3), to all faces, (m, 3, 3); (k,)."""
    corners = np.empty((len(places), len(faces), 4, 3))
    corners[:, :, :3], corners[:, :, 3] = faces, places[:, None]
    return np.asarray(smallest_angles(corners).min(axis=1))


def _spread(count: int) -> NDArray[np.float64]:
    """Directions that are spread evenly over the sphere, (count, 3): a Fibonacci lattice."""
    rank = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * rank / count), np.pi * (1 + np.sqrt(5)) * rank
    return np.column_stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)])
