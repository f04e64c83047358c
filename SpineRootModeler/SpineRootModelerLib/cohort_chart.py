"""The agreement of a cohort as a chart: a dot a subject and root, the mean and the spread between subjects."""

from __future__ import annotations

import numpy as np

from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, Root
from SpineRootLib.cohort.summary import StructureSummary, read_agreements, summarize
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.agreement_charts import SIDE_COLORS, whiskers
from SpineRootModelerLib.chart import Chart, Look
from SpineRootModelerLib.folder import ModelerFolder

_SIDE_SHIFT = {"L": -0.18, "R": 0.18}
_SPREAD = 0.22
_INK = (0.25, 0.25, 0.25)


class CohortChart:
    """Shows how far annotators are apart over all subjects of a dataset."""

    def __init__(self, folder: ModelerFolder):
        named = ", ".join(f"{number} {segment}" for number, segment in enumerate(DEFAULT_SEGMENTS, start=1))
        self.chart = Chart(folder, "cohort-chart", _("Agreement of the cohort"), named, _("distance (mm)"))
        self.chart.limit_x(0.4, len(DEFAULT_SEGMENTS) + 0.6)

    def show(self, dataset: Dataset) -> int:
        """Show the tables in ``derivatives/agreement``; the number of subjects is returned.

        Raises
        ------
        DatasetError
            if there is none, or one cannot be read.
        """
        tables = sorted((dataset.derivatives / "agreement").glob("sub-*/sub-*_agreement.tsv"))
        if not tables:
            raise DatasetError(_("holds no table of agreement"), dataset.derivatives / "agreement")
        summaries = {each.place: each for each in summarize(list(read_agreements(tables)), DEFAULT_SEGMENTS)}
        highest = 0.0
        for side, title in (("L", _("left")), ("R", _("right"))):
            found = [summaries[Place(ROOTS, Root(segment, side))] for segment in DEFAULT_SEGMENTS]
            highest = max(highest, self._put_side(side, title, found))
        self.chart.limit_y(0.0, 1.1 * highest or 1.0)
        self.chart.set_title(_("Distance between annotators (subjects: {count})").format(count=len(tables)))
        self.chart.show()
        return len(tables)

    def _put_side(self, side: str, title: str, found: list[StructureSummary]) -> float:
        """Dots, means and whiskers of one side; the highest of them, mm, is returned."""
        x, y, labels = [], [], []
        for number, each in enumerate(found, start=1):
            # a fixed sequence, so that equal values do not hide each other
            sideways = ((np.arange(len(each.means)) * 0.6180339887) % 1.0 - 0.5) * _SPREAD
            x += (number + _SIDE_SHIFT[side] + sideways).tolist()
            y += each.means.tolist()
            labels += list(each.subjects)
        self.chart.put(side, title, x, y, Look("points", SIDE_COLORS[side], 6.0, 0.7), labels, labels)
        mean = np.array([each.means.mean() if len(each.means) else np.nan for each in found])
        spread = np.array([each.means.std(ddof=1) if len(each.means) > 1 else 0.0 for each in found])
        across, up = whiskers(np.arange(1, len(found) + 1) + _SIDE_SHIFT[side], mean, spread)
        self.chart.put(f"{side}-spread", f"{title}, SD", across, up, Look("line", _INK))
        return float(np.max([*y, *(mean + spread)[np.isfinite(mean)]], initial=0.0))
