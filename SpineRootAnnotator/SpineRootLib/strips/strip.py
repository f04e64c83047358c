"""One strip: a sheet through the stack of slices along a course, and the way between its places and those in space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from SpineRootLib.errors import GeometryError
from SpineRootLib.frames import Points, as_points
from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.strips.settings import StripSettings
from SpineRootLib.translation import _

Flat = NDArray[np.float64]


class Across(StrEnum):
    """What a strip runs across: as in Slicer's views the patient's right, or front, is on its left."""

    LEFT_RIGHT = "left-right"
    FRONT_BACK = "front-back"


@dataclass(frozen=True, eq=False)
class Strip:
    """A sheet that follows a course downwards: straight across on every slice, bent from slice to slice.

    A place on it is (n, 2): mm across, from the course towards the patient's left or back, and the slice, a number that
    may lie between two.

    Parameters
    ----------
    planes : the stack.
    first : number of the highest slice that is seen.
    course : (n, 2) in-plane mm of the course on the slices from `first` on, as `SlicePlanes.flatten` gives them.
    across : what the sheet runs across.
    half_width_mm : how far it goes to either side.
    """

    planes: SlicePlanes
    first: int
    course: Flat
    across: Across
    half_width_mm: float

    @property
    def last(self) -> int:
        """Number of the lowest slice that is seen."""
        return self.first + len(self.course) - 1

    def to_strip(self, points: ArrayLike) -> tuple[Flat, Flat]:
        """Where RAS points, (n, 3), lie: on the strip, (n, 2), and in front of its sheet, (n,) mm.

        In front is towards the patient's front, or right for a sheet across front and back.
        """
        points = as_points(points)
        number = self.planes.depth(points) / self.planes.spacing + 1.0
        away = self.planes.flatten(points) - self._centre(number)
        side, front = self._axes()
        return np.column_stack([away @ side, number]), np.asarray(away @ front)

    def to_ras(self, places: ArrayLike, in_front_mm: ArrayLike = 0.0) -> Points:
        """RAS points, (n, 3), of places on the strip, (n, 2): the inverse of `to_strip`.

        Parameters
        ----------
        in_front_mm : one distance from the sheet or (n,).
        """
        places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        side, front = self._axes()
        depth = np.broadcast_to(np.asarray(in_front_mm, dtype=np.float64), len(places))
        flat = self._centre(places[:, 1]) + np.outer(places[:, 0], side) + np.outer(depth, front)
        return self.planes.lift(flat, places[:, 1])

    def on_slice(self, place: ArrayLike) -> tuple[int, Points]:
        """The slice of the stack nearest to a place, (2,), and the RAS point, (3,), there on its plane."""
        across, number = np.asarray(place, dtype=np.float64).reshape(2)
        nearest = int(np.clip(np.floor(number + 0.5), 1, self.planes.count))
        return nearest, self.to_ras([[across, nearest]])[0]

    def places(self, pixel_mm: float) -> NDArray[np.float64]:
        """The places of the strip's pixels, (rows, columns, 2): half a slice more than the slices it shows."""
        rows = max(round(len(self.course) * self.planes.spacing / pixel_mm), 1)
        columns = 2 * round(self.half_width_mm / pixel_mm) + 1
        number = self.first - 0.5 + (np.arange(rows) + 0.5) * len(self.course) / rows
        across = (np.arange(columns) - columns // 2) * pixel_mm
        return np.stack(np.broadcast_arrays(across[None, :], number[:, None]), axis=-1)

    def picture(self, image: Image, pixel_mm: float) -> NDArray[np.float32]:
        """The image on the strip, (rows, columns), interpolated linearly; NaN outside of the image."""
        places = self.places(pixel_mm)
        index = image.index_of(self.to_ras(places.reshape(-1, 2)))
        # beyond the middle of the outermost slices their own values go on for half a slice
        inside = np.all((index > -0.5 - 1e-6) & (index < np.array(image.voxels.shape) - 0.5 + 1e-6), axis=1)
        values = ndimage.map_coordinates(image.voxels, index.T, order=1, mode="nearest", output=np.float32)
        return np.asarray(np.where(inside, values, np.nan).reshape(places.shape[:2]), dtype=np.float32)

    def edges(self, curves: Mapping[int, Points]) -> Flat:
        """Where the sheet cuts closed curves, each (n, 3) RAS on its slice: places on the strip, (m, 2)."""
        found = [self._cuts(curve, number) for number, curve in curves.items() if self.first <= number <= self.last]
        places = np.concatenate([np.empty((0, 2)), *found])
        return np.asarray(places[np.abs(places[:, 0]) <= self.half_width_mm])

    def _cuts(self, curve: Points, number: int) -> Flat:
        side, front = self._axes()
        away = self.planes.flatten(curve) - self.course[number - self.first]
        across, depth = away @ side, away @ front
        following = np.roll(depth, -1)
        crossing = np.flatnonzero((depth < 0) != (following < 0))
        share = depth[crossing] / (depth[crossing] - following[crossing])
        at = across[crossing] + share * (np.roll(across, -1)[crossing] - across[crossing])
        return np.column_stack([at, np.full(len(at), float(number))])

    def _axes(self) -> Flat:
        """The in-plane directions across the strip and out of its front, (2, 2): rows in mm right and anterior."""
        left_right = self.across is Across.LEFT_RIGHT
        return np.array([[-1.0, 0.0], [0.0, 1.0]] if left_right else [[0.0, -1.0], [1.0, 0.0]])

    def _centre(self, number: Flat) -> Flat:
        """In-plane mm of the course at slices, (n,), whole or between; beyond its ends it goes straight on down."""
        known = np.arange(self.first, self.last + 1)
        return np.column_stack([np.interp(number, known, column) for column in self.course.T])


def strip_along(
    planes: SlicePlanes,
    points: Mapping[int, ArrayLike],
    across: Across = Across.LEFT_RIGHT,
    half_width_mm: float | None = None,
    settings: StripSettings | None = None,
) -> Strip:
    """The strip along points by slice, each (3,) RAS mm, smoothed: what is off its course is seen off the middle.

    Raises
    ------
    GeometryError
        if there are no points, or none of them lies on a slice of the stack.
    """
    settings = settings or StripSettings()
    known = {number: point for number, point in points.items() if 1 <= number <= planes.count}
    if not known:
        raise GeometryError(_("there is nothing along which a strip could be cut"))
    numbers = np.array(sorted(known))
    flat = planes.flatten(np.array([known[number] for number in numbers], dtype=np.float64))
    first = max(int(numbers[0]) - settings.margin_slices, 1)
    last = min(int(numbers[-1]) + settings.margin_slices, planes.count)
    every = np.arange(first, last + 1)
    between = np.column_stack([np.interp(every, numbers, column) for column in flat.T])
    smooth = ndimage.gaussian_filter1d(between, settings.smooth_slices, axis=0, mode="nearest")
    return Strip(planes, first, smooth, across, half_width_mm or settings.half_width_mm)
