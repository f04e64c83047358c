"""Charts of a comparison: mean and spread per root, and the distance along the slices of one root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from SpineRootLib.agreement.distances import PairAgreement, StructureAgreement
from SpineRootLib.anatomy import ROOTS, SIDES, Root
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.compare.rater_palette import on_white, rater_color
from SpineRootModelerLib.scene.chart import INK, RULE, Chart, Look
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.per_root_chart import SIDE_COLORS, PerRootChart
from SpineRootModelerLib.work.comparison import Comparison

# Slicer draws two bars of a group side by side in four fifths of the step
_BAR_SHIFT = {"L": -0.2, "R": 0.2}


class RootsChart:
    """The mean distance of every root as a bar, its standard deviation as a whisker; a click leads to the farthest."""

    def __init__(self, folder: ModelerFolder, comparison: Comparison):
        self._comparison = comparison
        self.segments = comparison.raters.segments
        self._per_root = PerRootChart(folder, "roots-chart", _("Distance per root"), self.segments, _BAR_SHIFT)
        self.chart = self._per_root.chart
        # the mean of every root that is shown, mm
        self.heights: dict[Root, float] = {}
        self.show_pair(0)

    def show(self, comparison: Comparison) -> None:
        """Show a comparison of the same annotators."""
        self._comparison = comparison
        self.show_pair(self._pair)

    def show_pair(self, index: int) -> None:
        """Show the distances of one pair of annotators."""
        self._pair = index
        pair = self._comparison.pairs[index]
        title = _("sub-{subject}: {a} and {b}")
        self.chart.set_title(title.format(subject=self._comparison.raters.subject, a=pair.a, b=pair.b))
        for side in SIDES:
            self._put_side(pair, side)

    def _put_side(self, pair: PairAgreement, side: str) -> None:
        """Bars and whiskers of one side."""
        roots = [Root(segment, side) for segment in self.segments]
        distances = [pair.of(Place(ROOTS, root)).distances for root in roots]
        mean = np.array([each.mean() if len(each) else np.nan for each in distances])
        spread = np.array([each.std(ddof=1) if len(each) > 1 else 0.0 for each in distances])
        numbers, bars = np.arange(1.0, len(roots) + 1), np.nan_to_num(mean)
        self.heights |= dict(zip(roots, bars.tolist(), strict=True))
        look, labels = Look("bar", SIDE_COLORS[side]), [str(root) for root in roots]
        self._per_root.put(side, numbers, bars, look, roots, labels, (mean, spread))


class SlicesChart:
    """The distance along the slices of a chosen root, a line a pair of annotators; a click leads to the slice."""

    def __init__(self, folder: ModelerFolder, comparison: Comparison):
        self._comparison = comparison
        self.chart = Chart(folder, "slices-chart", _("Distance along the slices"), _("slice"), _("distance (mm)"))
        self.show_root(Place(ROOTS, Root(comparison.raters.segments[0], SIDES[0])))

    def show(self, comparison: Comparison) -> None:
        """Show a comparison of the same annotators."""
        self._comparison = comparison
        self.show_root(self.structure)

    def show_place(self, place: Place) -> None:
        """Show the structure of a place, and where on it the place is."""
        self.show_root(place.without_slice, place.slice)

    def show_root(self, structure: Place, here: int | None = None) -> None:
        """Show a root, or the dura or the cord.

        Parameters
        ----------
        here : the slice that is looked at, which gets a line.
        """
        self.structure = structure
        self.chart.set_title(f"sub-{self._comparison.raters.subject}: {structure.root or structure.structure}")
        drawn: list[str] = []
        for number, pair in enumerate(self._comparison.pairs):
            drawn += self._put_pair(pair, structure, len(self._comparison.pairs) > 1, number)
        top = self._frame([pair.of(structure) for pair in self._comparison.pairs])
        if here is not None:
            place = replace(structure, slice=here)
            title = _("slice {number}").format(number=here)
            self.chart.put("here", title, [here, here], [0.0, top], Look("line", RULE), [place, place])
            drawn.append("here")
        self.chart.keep(drawn)

    def _frame(self, shown: Sequence[StructureAgreement]) -> float:
        """Let every mark be seen whole, also those on the line of no distance; the height of the axis, mm, is returned.

        On that line are slices that one annotator marked.
        """
        matched = [one.place for each in shown for one in each.matched]
        alone = [place for each in shown for place in (*each.only_a, *each.only_b)]
        slices = [place.slice or 0 for place in (*matched, *alone)] or [1]
        self.chart.limit_x(min(slices) - 0.5, max(slices) + 0.5)
        top = 1.1 * max((float(each.distances.max()) for each in shown if each.matched), default=1.0) or 1.0
        self.chart.limit_y(-0.05 * top, top)
        return top

    def _put_pair(self, pair: PairAgreement, structure: Place, several: bool, number: int) -> list[str]:
        agreement, labels = pair.of(structure), self._comparison.raters.labels
        color = INK if not several else on_white(rater_color([str(n) for n in range(5)], str(number % 5)))
        places = [each.place for each in agreement.matched]
        x, y, order = _with_gaps(places, [each.distance_mm for each in agreement.matched])
        drawn: list[str] = []
        name = f"{pair.a}-{pair.b}"
        if places:
            self.chart.put(name, name, x, y, Look("line and points", color), order)
            drawn.append(name)
        for label, alone in ((pair.a, agreement.only_a), (pair.b, agreement.only_b)):
            if alone:
                single = f"only-{label}-{name}"
                numbers = [place.slice or 0 for place in alone]
                title = _("only {label}").format(label=label)
                look = Look("points", on_white(rater_color(labels, label)), diamonds=True)
                self.chart.put(single, title, numbers, np.zeros(len(alone)), look, alone)
                drawn.append(single)
        return drawn


def _with_gaps(places: Sequence[Place], values: Sequence[float]) -> tuple[list[float], list[float], list[Place]]:
    """Slices and values with a break wherever a slice is missing; beside a break stands the place before it."""
    if not places:
        return [], [], []
    x, y, order = [float(places[0].slice or 0)], [values[0]], [places[0]]
    for (before, place), value in zip(pairwise(places), values[1:], strict=True):
        if (place.slice or 0) - (before.slice or 0) > 1:
            x, y, order = [*x, np.nan], [*y, np.nan], [*order, before]
        x, y, order = [*x, float(place.slice or 0)], [*y, value], [*order, place]
    return x, y, order
