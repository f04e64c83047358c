"""Charts of a comparison: mean and spread per root, and the distance along the slices of one root."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from SpineRootLib.agreement.distances import PairAgreement, StructureAgreement
from SpineRootLib.anatomy import ROOTS, SIDES, Root
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.chart import Chart, Look
from SpineRootModelerLib.comparison import Comparison
from SpineRootModelerLib.folder import ModelerFolder
from SpineRootModelerLib.rater_palette import rater_color

# left and right as in the figures on paper (Okabe and Ito, 2008)
SIDE_COLORS = {"L": (0.0, 0.447, 0.698), "R": (0.835, 0.369, 0.0)}
_INK = (0.25, 0.25, 0.25)
# Slicer draws two bars of a group side by side in four fifths of the step
_SIDE_SHIFT = {"L": -0.2, "R": 0.2}
_CAP = 0.05


class RootsChart:
    """The mean distance of every root as a bar, its standard deviation as a whisker; a click leads to the farthest."""

    def __init__(self, folder: ModelerFolder, comparison: Comparison):
        self._comparison = comparison
        self.segments = comparison.raters.segments
        named = ", ".join(f"{number} {segment}" for number, segment in enumerate(self.segments, start=1))
        self.chart = Chart(folder, "roots-chart", _("Distance per root"), named, _("distance (mm)"))
        self.chart.limit_x(0.4, len(self.segments) + 0.6)
        # the mean of every root that is shown, mm
        self.heights: dict[Root, float] = {}
        self.show_pair(0)

    def show_pair(self, index: int) -> None:
        """Show the distances of one pair of annotators."""
        pair = self._comparison.pairs[index]
        self.chart.set_title(
            _("sub-{subject}: distance between {a} and {b}").format(
                subject=self._comparison.raters.subject, a=pair.a, b=pair.b
            )
        )
        highest = 0.0
        for side, title in (("L", _("left")), ("R", _("right"))):
            highest = max(highest, self._put_side(pair, side, title))
        self.chart.limit_y(0.0, 1.1 * highest or 1.0)

    def _put_side(self, pair: PairAgreement, side: str, title: str) -> float:
        """Bars and whiskers of one side; the highest end of a whisker, mm, is returned."""
        roots = [Root(segment, side) for segment in self.segments]
        distances = [pair.of(Place(ROOTS, root)).distances for root in roots]
        mean = np.array([each.mean() if len(each) else np.nan for each in distances])
        spread = np.array([each.std(ddof=1) if len(each) > 1 else 0.0 for each in distances])
        numbers = np.arange(1, len(roots) + 1)
        bars = np.nan_to_num(mean)
        self.heights |= dict(zip(roots, bars.tolist(), strict=True))
        labels = [str(root) for root in roots]
        self.chart.put(side, title, numbers, bars, Look("bar", SIDE_COLORS[side]), roots, labels)
        x, y = whiskers(numbers + _SIDE_SHIFT[side], mean, spread)
        self.chart.put(f"{side}-spread", f"{title}, SD", x, y, Look("line", _INK))
        return float(np.max(mean + spread, initial=0.0, where=np.isfinite(mean)))


def whiskers(x: np.ndarray, middle: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One broken line of whiskers with caps around values, each (n,): the points of the line, (8 n,) each."""
    across = np.array([-_CAP, _CAP, 0.0, 0.0, -_CAP, _CAP, np.nan])
    along = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0, np.nan])
    return (x[:, None] + across).ravel(), (middle[:, None] + reach[:, None] * along).ravel()


class SlicesChart:
    """The distance along the slices of a chosen root, a line a pair of annotators; a click leads to the slice."""

    def __init__(self, folder: ModelerFolder, comparison: Comparison):
        self._comparison = comparison
        self.chart = Chart(folder, "slices-chart", _("Distance along the slices"), _("slice"), _("distance (mm)"))
        self.show_root(Place(ROOTS, Root(comparison.raters.segments[0], SIDES[0])))

    def show_root(self, whole: Place) -> None:
        """Show a root, or the dura or the cord."""
        self.whole = whole
        self.chart.set_title(f"sub-{self._comparison.raters.subject}: {whole.root or whole.structure}")
        drawn: list[str] = []
        for number, pair in enumerate(self._comparison.pairs):
            drawn += self._put_pair(pair, whole, len(self._comparison.pairs) > 1, number)
        self.chart.keep(drawn)
        self._frame([pair.of(whole) for pair in self._comparison.pairs])

    def _frame(self, shown: Sequence[StructureAgreement]) -> None:
        """Let every mark be seen whole, those of slices that one annotator marked on the line of no distance too."""
        matched = [one.place for each in shown for one in each.matched]
        alone = [place for each in shown for place in (*each.only_a, *each.only_b)]
        slices = [place.slice or 0 for place in (*matched, *alone)] or [1]
        self.chart.limit_x(min(slices) - 0.5, max(slices) + 0.5)
        top = 1.1 * max((float(each.distances.max()) for each in shown if each.matched), default=1.0) or 1.0
        self.chart.limit_y(-0.05 * top, top)

    def _put_pair(self, pair: PairAgreement, whole: Place, several: bool, number: int) -> list[str]:
        agreement, labels = pair.of(whole), self._comparison.raters.labels
        color = _INK if not several else rater_color([str(n) for n in range(5)], str(number % 5))
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
                look = Look("points", rater_color(labels, label), marker="diamond")
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
