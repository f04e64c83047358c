"""How good CISS is on the slice that is looked at."""

from __future__ import annotations

from SpineRootAnnotatorLib.keys import GANGLIA_MODE
from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootLib.anatomy import DURA
from SpineRootLib.progress import Progress, part
from SpineRootLib.quality import QualitySettings, SliceQuality, look_for_sac, slice_quality
from SpineRootLib.translation import _
from SpineRootScene.volumes import image_of

_CISS = "CISS"


class LiveQuality:
    """SNR and CNR of the slice in view, measured where the annotator pauses.

    The foreground is the dura where it is drawn on the slice. Elsewhere it is the sac as found in the image, which is
    looked for on all slices once, with progress and to be stopped; stopped, it is not looked for again.

    Parameters
    ----------
    subject : the open subject.
    """

    def __init__(self, subject: OpenSubject, settings: QualitySettings | None = None):
        self._subject = subject
        self._settings = settings or QualitySettings()
        self._of_sac: dict[int, SliceQuality] | None = None
        self._seen = (-1, -1)
        self._measured = False
        self.current: SliceQuality | None = None

    @property
    def limit(self) -> float:
        """SNR and CNR below it are low."""
        return self._settings.limit

    @property
    def is_low(self) -> bool:
        """Whether SNR or CNR of the slice is low."""
        return self.current is not None and self.current.is_low(self.limit)

    def look(self) -> bool:
        """Measure the slice in view once nothing has changed since the last look; whether `current` is new."""
        subject = self._subject
        now = (subject.number, subject.edits)
        if now != self._seen:
            before, self._seen, self._measured = self._seen, now, False
            if before[0] != now[0]:
                self.current = None
            return before[0] != now[0]
        if subject.mode.name == GANGLIA_MODE or subject.long_work.is_running:
            return False  # not asked for, or not now
        if self._measured or subject.annotation.planes is None or subject.volumes.get(_CISS) is None:
            return False
        self._measured = True
        self.current = self._within_dura(subject.number) or self._within_sac().get(subject.number)
        return True

    def _within_dura(self, number: int) -> SliceQuality | None:
        """Within the dura that is drawn on a slice; None where there is none."""
        subject = self._subject
        if number not in subject.index.contours.get(DURA, {}):
            return None
        image = image_of(subject.volumes[_CISS])
        rows = slice_quality(image, subject.annotation, self._settings, _CISS, slices=[number])
        return rows[0] if rows else None

    def _within_sac(self) -> dict[int, SliceQuality]:
        """Within the sac as found in the image, by slice."""
        if self._of_sac is None:
            self._of_sac = {}
            found = self._subject.long_work.run(_("Looking for the dural sac"), self._measured_in_sac)
            self._of_sac = {row.slice: row for row in found or []}
        return self._of_sac

    def _measured_in_sac(self, progress: Progress) -> list[SliceQuality]:
        image = image_of(self._subject.volumes[_CISS])
        sac = look_for_sac(image, self._settings.sac, part(progress, 0.0, 0.9))
        if sac.annotation is None:
            return []
        return slice_quality(image, None, self._settings, _CISS, sac=sac, progress=part(progress, 0.9, 1.0))
