"""The sample subject: the phantom, made where it is asked for."""

from __future__ import annotations

from pathlib import Path

import slicer
from slicer.i18n import tr as _

from SpineRootLib.phantom import PhantomSettings, write_phantom
from SpineRootLib.progress import Progress

_NAME = "SpineRootPhantom"
_ANNOTATORS = ("A", "B")


def make_sample(progress: Progress | None = None) -> Path:
    """The dataset with the synthetic subject 01 and two annotators' work; made at the first call, in Slicer's cache."""
    folder = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / _NAME
    if not (folder / "derivatives" / f"markers-{_ANNOTATORS[-1]}" / "sub-01").is_dir():
        write_phantom(folder, "01", PhantomSettings.small(), 1, _ANNOTATORS, progress=progress)
    return folder


def register_sample() -> None:
    """Offer the subject's CISS image in the Sample Data module."""
    import SampleData

    logic = SampleData.SampleDataLogic
    if hasattr(logic, "registerCustomSampleDataCategory"):  # Slicer 5.12 and later
        logic.registerCustomSampleDataCategory("SpineRoot", title=_("SpineRoot"))
    logic.registerCustomSampleDataSource(
        category="SpineRoot",
        sampleName="SpineRoot phantom",
        uris="",  # nothing is downloaded: it is made here
        customDownloader=lambda _source: _load(),
        thumbnailFileName=str(Path(__file__).resolve().parents[1] / "Resources" / "Icons" / f"{_NAME}.png"),
    )


def _load() -> None:
    folder = make_sample() / "rawdata" / "sub-01" / "anat"
    for path in sorted(folder.glob("*.nii.gz")):
        slicer.util.loadVolume(str(path))
