"""The image quality of the slice in view, and a warning where it is low."""

from __future__ import annotations

import math
from typing import Any

from slicer.i18n import tr as _

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.keys import GANGLIA_MODE
from SpineRootAnnotatorLib.live_quality import LiveQuality
from SpineRootAnnotatorLib.session import AnnotationSession


class QualityLabel:
    """A line below the modes; it changes when the annotator pauses on a slice."""

    def __init__(self, ui: Any, session: AnnotationSession):
        self._label, self._session = ui.qualityLabel, session
        self._quality: LiveQuality | None = None
        self._subject: Any = None
        session.changes.connect(self.show, Change.MODE)

    def refresh(self) -> None:
        """Show the figures of the slice; called about every tenth of a second."""
        subject = self._session.subject
        if subject is not self._subject:
            self._subject = subject
            self._quality = None if subject is None else LiveQuality(subject)
            self._label.text = ""
        if self._quality is not None and self._quality.look():
            self.show()

    def show(self) -> None:
        """Show what was measured last; in the mode for ganglia nothing."""
        if self._quality is not None:
            self._label.text = self._text(self._quality)

    def _text(self, quality: LiveQuality) -> str:
        row = quality.current
        if row is None or self._subject.mode_name == GANGLIA_MODE:  # ganglia are not looked for on CISS
            return ""
        if math.isnan(row.snr) and math.isnan(row.cnr):
            return _("Slice {number}: no fluid to measure the image's quality by").format(number=row.slice)
        text = _("Slice {number}: SNR {snr}, CNR {cnr}").format(
            number=row.slice, snr=_figure(row.snr), cnr=_figure(row.cnr)
        )
        if not quality.is_low:
            return text
        warning = _("LOW QUALITY, below {limit}: doubt what you see here").format(limit=quality.limit)
        return f"<b>{text}. {warning}</b>"


def _figure(value: float) -> str:
    return _("n/a") if math.isnan(value) else f"{value:.1f}"
