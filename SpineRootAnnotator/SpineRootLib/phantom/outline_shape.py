"""How the outline of sac or cord departs from its ellipse, and how that changes along the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from SpineRootLib.phantom.settings import OutlineSettings
from SpineRootLib.phantom.smooth_paths import stray

Array = NDArray[np.float64]

# From one place to the next at which the departures are drawn at random, and kept for drawing, mm; angles kept.
_RANDOM_STEP_MM = 1.0
_TABLE_STEP_MM = 0.5
_TABLE_ANGLES = 240


@dataclass(frozen=True, eq=False)
class OutlineShape:
    """The departures of an outline from its ellipse, parts of its radius.

    Parameters
    ----------
    course : depth in mm to the amplitudes, (2 k + 1,): the mean, then the cosine and the sine of orders 1 to k of the
        angle.
    """

    course: CubicSpline

    @classmethod
    def random(
        cls,
        ends: tuple[float, float],
        size_mm: float,
        settings: OutlineSettings,
        constant: Mapping[int, tuple[float, float]],
        rng: np.random.Generator,
    ) -> OutlineShape:
        """The shape of one subject.

        Parameters
        ----------
        ends : depths between which it is needed, mm.
        size_mm : the outline's mean radius.
        constant : by order the cosine's and the sine's part that stays the same.
        """
        depth = np.linspace(*ends, int(np.ceil((ends[1] - ends[0]) / _RANDOM_STEP_MM)) + 1)
        columns = []
        for order, size in enumerate(np.asarray(settings.sd_mm) / size_mm):
            for fixed in constant.get(order, (0.0, 0.0))[: 2 if order else 1]:
                columns.append(fixed + size * stray(depth, settings.length_mm, rng))
        return cls(CubicSpline(depth, np.column_stack(columns)))

    def eased(self, share: Array) -> OutlineShape:
        """The same with weaker departures: `share`, (n,), of them is kept at each knot of the course."""
        knots = self.course.x
        return replace(self, course=CubicSpline(knots, self.course(knots) * share[:, None]))

    def factor(self, angle: Array, depth: Array) -> Array:
        """The outline's radius relative to the ellipse's; exact."""
        amplitude = self.course(np.clip(depth, self.course.x[0], self.course.x[-1]))
        total = 1.0 + amplitude[..., 0]
        for order in range(1, (amplitude.shape[-1] + 1) // 2):
            turn = order * np.asarray(angle)
            total = total + amplitude[..., 2 * order - 1] * np.cos(turn) + amplitude[..., 2 * order] * np.sin(turn)
        return np.asarray(total)

    def factor_and_bend(self, angle: Array, depth: ArrayLike) -> tuple[Array, Array]:
        """The same and its change per radian, from a dense table: fast, and good to 1e-4.

        Parameters
        ----------
        angle : radians from -pi to pi.
        depth : mm, of a shape that fits the angle's.
        """
        start, table = self._table
        column = (angle + np.pi) * (_TABLE_ANGLES / (2 * np.pi))
        row = np.clip((np.asarray(depth) - start) / _TABLE_STEP_MM, 0.0, len(table) - 1.001)
        left, above = np.minimum(column.astype(np.intp), _TABLE_ANGLES - 1), row.astype(np.intp)
        right_share, below_share = (column - left)[..., None], (row - above)[..., None]
        flat, index = table.reshape(-1, 2), above * (_TABLE_ANGLES + 1) + left
        upper = flat[index] * (1.0 - right_share) + flat[index + 1] * right_share
        index += _TABLE_ANGLES + 1
        lower = flat[index] * (1.0 - right_share) + flat[index + 1] * right_share
        found = upper + (lower - upper) * below_share
        return found[..., 0], found[..., 1]

    @cached_property
    def _table(self) -> tuple[float, Array]:
        """The depth of its first row, and factor and bend by depth and angle, (rows, angles + 1, 2)."""
        start, end = float(self.course.x[0]), float(self.course.x[-1])
        depth = start + _TABLE_STEP_MM * np.arange(int((end - start) / _TABLE_STEP_MM) + 2)
        amplitude = self.course(np.clip(depth, start, end))
        angle = np.linspace(-np.pi, np.pi, _TABLE_ANGLES + 1)
        order = np.arange(1, (amplitude.shape[1] + 1) // 2)[:, None]
        cosine, sine = np.cos(order * angle), np.sin(order * angle)
        factor = 1.0 + amplitude[:, :1] + amplitude[:, 1::2] @ cosine + amplitude[:, 2::2] @ sine
        bend = amplitude[:, 2::2] @ (order * cosine) - amplitude[:, 1::2] @ (order * sine)
        return start, np.stack([factor, bend], axis=-1)
