"""How good CISS is on the slice that is looked at."""

from __future__ import annotations

from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootLib.anatomy import DURA
from SpineRootLib.quality import QualitySettings, SliceQuality, look_for_sac, slice_quality
from SpineRootScene.volumes import image_of

_CISS = "CISS"


class LiveQuality:
    """SNR and CNR of the slice in view, measured where the annotator pauses: a step or a click never waits for it.

    The foreground is the dura where it is drawn on the slice. Elsewhere it is the sac as found in the image, for which
    all slices are measured once.

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
            image = image_of(self._subject.volumes[_CISS])
            sac = look_for_sac(image, self._settings.sac)
            rows = [] if sac.annotation is None else slice_quality(image, None, self._settings, _CISS, sac=sac)
            self._of_sac = {row.slice: row for row in rows}
        return self._of_sac
