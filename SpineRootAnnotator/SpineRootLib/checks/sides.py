"""Rules on where roots lie: on their side, and the lower the segment the nearer to the posterior midline."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA, ROOTS, Root
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.rule import Rule
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.slice_ranges import runs, slices_text
from SpineRootLib.translation import _


class Side(Rule):
    """Roots on the wrong side of the same segment's root of the other side, or, without one, of the dura's midline."""

    name = "side"
    limit = "side_mm"
    needs = ("planes", ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("roots lie on their side")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a root and stretch of slices; its value is how far it lies on the wrong side, mm."""
        limit = self.limit_in(limits)
        for root, path in traced.paths.items():
            wrong = self._wrong_way(traced, root)
            for start, end in runs(path.numbers[wrong > limit]):
                first, last = path.row[start], path.row[end]
                worst = first + int(np.argmax(wrong[first : last + 1]))
                value = float(wrong[worst])
                where = slices_text(range(start, end + 1))
                message = _(
                    "{root} lies {value:.1f} mm on the wrong side on {where}: left and right exchanged?"
                ).format(root=root, value=value, where=where)
                yield self.finding(message, ROOTS, root, start, value, limit, path.points[worst])

    @staticmethod
    def _wrong_way(traced: Traced, root: Root) -> NDArray[np.float64]:
        """How far each point of a root lies on the wrong side, (n,) mm; -inf where nothing tells."""
        path, opposite = traced.paths[root], traced.paths.get(root.opposite)
        sign = 1.0 if root.side == "L" else -1.0
        middle = np.full(len(path.numbers), np.nan)
        for row, number in enumerate(path.numbers):
            if opposite is not None and int(number) in opposite.row:
                middle[row] = opposite.flat[opposite.row[int(number)], 0]
            elif int(number) in traced.by_slice[DURA]:
                middle[row] = traced.by_slice[DURA][int(number)].center[0]
        return np.nan_to_num(sign * (path.flat[:, 0] - middle), nan=-np.inf)


class RootOrder(Rule):
    """Roots of a side that lie farther from the posterior midline of the dura than a root of a higher segment.

    Liu et al. (2024) tell the roots on a slice apart by their distance to the centre of the cord: the nearer, the lower
    the segment. Measured from the posterior midline of the dura the same order holds below the conus as well (in the
    published annotation of one subject for 828 of 828 pairs above its end and 335 of 340 below).
    """

    name = "root-order"
    severity = Severity.WARNING
    limit = "order_mm"
    needs = ("planes", DURA, ROOTS)

    @property
    def title(self) -> str:
        """What is demanded."""
        return _("lower roots lie nearer to the posterior midline")

    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """One finding a pair and stretch of slices; its value is how much farther the lower root lies, mm."""
        for higher, lower in traced.pairs_of_a_side():
            numbers, excess = self._excess(traced, higher, lower)
            for start, end in runs(numbers[excess > 0]):
                here = (numbers >= start) & (numbers <= end)
                number, value = int(numbers[here][np.argmax(excess[here])]), float(excess[here].max())
                beyond, count = value > self.limit_in(limits), end - start + 1
                if count >= limits.order_slices or value > max(limits.passing_mm, self.limit_in(limits)):
                    where = slices_text(range(start, end + 1))
                    message = _(
                        "{lower} lies up to {value:.2f} mm farther from the posterior midline than {higher} on {where}"
                    ).format(lower=lower, value=value, higher=higher, where=where)
                    position = traced.paths[lower].points[traced.paths[lower].row[number]]
                    lasting = Severity.ERROR if count >= limits.lasting_slices else None
                    severity = lasting if beyond else Severity.INFO
                    yield self.finding(message, ROOTS, lower, number, value, self.limit_in(limits), position, severity)

    @staticmethod
    def _excess(traced: Traced, higher: Root, lower: Root) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Shared slices with a dura, (n,), and how much farther from its midline the lower root lies, (n,) mm."""
        dura = traced.by_slice[DURA]
        numbers = np.array([n for n in traced.shared_slices(higher, lower) if int(n) in dura], dtype=np.int64)
        midline = np.array([dura[int(n)].posterior_midline for n in numbers]).reshape(-1, 2)
        near, far = (
            np.linalg.norm(traced.paths[root].flat[traced.rows(root, numbers)] - midline, axis=1)
            for root in (higher, lower)
        )
        return numbers, far - near


RULES = (Side(), RootOrder())
