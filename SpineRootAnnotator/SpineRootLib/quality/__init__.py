"""Image quality of every slice: signal to noise, and contrast of fluid to nervous tissue."""

from SpineRootLib.quality.cohort import write_cohort
from SpineRootLib.quality.sac import FoundSac, look_for_sac
from SpineRootLib.quality.settings import QualitySettings, SacSettings
from SpineRootLib.quality.slices import SliceQuality, low_slices, slice_quality
from SpineRootLib.quality.subject import measure_subject, read_quality, write_quality

__all__ = [
    "FoundSac",
    "QualitySettings",
    "SacSettings",
    "SliceQuality",
    "look_for_sac",
    "low_slices",
    "measure_subject",
    "read_quality",
    "slice_quality",
    "write_cohort",
    "write_quality",
]
