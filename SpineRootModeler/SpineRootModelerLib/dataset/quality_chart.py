"""SNR and CNR of every slice as a chart; a click leads to the slice."""

from __future__ import annotations

import math
from collections.abc import Sequence

from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.progress import Progress
from SpineRootLib.quality import QualitySettings, SliceQuality, measure_subject, read_quality
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.chart import BLUE, INK, VERMILLION, Chart, Look
from SpineRootModelerLib.scene.folder import ModelerFolder

_COLORS = {"snr": BLUE, "cnr": VERMILLION}


def quality_of(
    dataset: Dataset, subject: str, annotation: Annotation | None, progress: Progress | None = None
) -> list[SliceQuality]:
    """The image quality of a subject as it was written, else measured now.

    Raises
    ------
    SpineRootError
        if there is no image to measure, or the table cannot be read.
    """
    written = dataset.derivative("anatqc", subject) / f"sub-{subject}_iqm.tsv"
    if written.exists():
        return read_quality(written)
    return measure_subject(dataset.images(subject), annotation, progress=progress)


class QualityChart:
    """Shows the quality of one image of a subject."""

    def __init__(self, folder: ModelerFolder, subject: str):
        self._subject = subject
        self.chart = Chart(folder, "quality-chart", _("Image quality"), _("slice"), _("ratio"))

    def show(self, rows: Sequence[SliceQuality], image: str = "CISS") -> None:
        """Show SNR and CNR along the slices of an image, and the limit below which they are low."""
        shown = [row for row in rows if row.image == image and not math.isnan(row.snr)]
        numbers = [row.slice for row in shown]
        self.chart.set_title(f"sub-{self._subject}: {image}")
        for name, values in (("snr", [row.snr for row in shown]), ("cnr", [row.cnr for row in shown])):
            self.chart.put(name, name.upper(), numbers, values, Look("line and points", _COLORS[name], 5.0), numbers)
        ends = [min(numbers, default=0), max(numbers, default=1)]
        limit = QualitySettings().limit
        title = _("low below {limit:g}").format(limit=limit)
        self.chart.put("limit", title, ends, [limit, limit], Look("line", INK))
        self.chart.limit_x(ends[0] - 1, ends[1] + 1)
        self.chart.show()
