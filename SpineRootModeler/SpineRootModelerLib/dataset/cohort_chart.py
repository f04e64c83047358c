"""The agreement of a cohort as a chart: a dot a subject and root, the mean and the spread between subjects."""

from __future__ import annotations

import numpy as np

from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, SIDES, Root, parse_segments
from SpineRootLib.cohort.summary import StructureSummary, read_agreements, summarize
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError
from SpineRootLib.place import Place
from SpineRootLib.subject_folders import subject_files
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.chart import Look
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.per_root_chart import SIDE_COLORS, PerRootChart

# how far aside of a segment's number each side stands, and how wide its dots are spread, in steps of the axis; by eye
_SIDE_SHIFT, _SPREAD = {"L": -0.18, "R": 0.18}, 0.22
# a sequence of multiples of it, without the whole part, fills 0..1 evenly (the golden ratio, less 1)
_EVENLY = 0.6180339887


class CohortChart:
    """Shows how far annotators are apart over all subjects of a dataset."""

    def __init__(self, folder: ModelerFolder):
        title = _("Agreement of the cohort")
        self._per_root = PerRootChart(folder, "cohort-chart", title, DEFAULT_SEGMENTS, _SIDE_SHIFT)
        self.chart = self._per_root.chart

    def show(self, dataset: Dataset) -> int:
        """Show the tables in ``derivatives/agreement``; the number of subjects is returned.

        Raises
        ------
        DatasetError
            if there is none, or one cannot be read.
        """
        tables = list(subject_files(dataset.derivatives / "agreement", "_agreement.tsv").values())
        if not tables:
            fault = _("holds no table of agreement: 'Save tables', under Compare, writes it")
            raise DatasetError(fault, dataset.derivatives / "agreement")
        summaries = {each.place: each for each in summarize(list(read_agreements(tables)), DEFAULT_SEGMENTS)}
        marked = (each.place.root.segment for each in summaries.values() if each.place.root and each.subjects)
        levels = parse_segments({*DEFAULT_SEGMENTS, *marked})
        self._per_root.name_segments(levels)
        for side in SIDES:
            of_side = [Place(ROOTS, Root(segment, side)) for segment in levels]
            self._put_side(side, [summaries.get(place, StructureSummary(place)) for place in of_side])
        self.chart.set_title(_("Between annotators, subjects: {count}").format(count=len(tables)))
        self.chart.show()
        return len(tables)

    def _put_side(self, side: str, of_roots: list[StructureSummary]) -> None:
        """Dots, means and whiskers of one side."""
        x, y, labels = [], [], []
        for number, summary in enumerate(of_roots, start=1):
            # a fixed sequence, so that equal values do not hide each other
            aside = ((np.arange(len(summary.means)) * _EVENLY) % 1.0 - 0.5) * _SPREAD
            x += (number + _SIDE_SHIFT[side] + aside).tolist()
            y += summary.means.tolist()
            labels += list(summary.subjects)
        mean = np.array([each.means.mean() if len(each.means) else np.nan for each in of_roots])
        spread = np.array([each.means.std(ddof=1) if len(each.means) > 1 else 0.0 for each in of_roots])
        look = Look("points", SIDE_COLORS[side], size=6.0, opacity=0.7)
        self._per_root.put(side, np.array(x), np.array(y), look, labels, labels, (mean, spread))
