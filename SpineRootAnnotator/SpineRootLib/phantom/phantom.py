"""A synthetic subject: its images and its true annotation."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootLib.annotation import Annotation
from SpineRootLib.images import Image
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.overview import OVERVIEWS, make_overview
from SpineRootLib.phantom.sac_contents import sac_contents
from SpineRootLib.phantom.settings import PhantomSettings
from SpineRootLib.phantom.truth import make_truth
from SpineRootLib.progress import Progress, part


@dataclass(frozen=True, eq=False)
class Phantom:
    """A synthetic subject.

    Parameters
    ----------
    truth : what a perfect annotator would mark.
    images : ``CISS``, ``DESS``, ``T2TSE``.
    """

    truth: Annotation
    images: dict[str, Image]


def make_phantom(
    settings: PhantomSettings, seed: int, subject: str = "01", progress: Progress | None = None
) -> Phantom:
    """Make a synthetic subject in memory; the same seed gives the same voxels and points, bit for bit."""
    truth = make_truth(settings, seed, subject)
    centrelines = sac_contents(truth.spine, settings.distractors, seed)
    images = {"CISS": make_ciss(truth, centrelines, settings.image, seed, part(progress, 0.0, 0.6))}
    for number, overview in enumerate(OVERVIEWS):
        step = part(progress, 0.6 + 0.2 * number, 0.8 + 0.2 * number)
        images[overview.name] = make_overview(truth, centrelines, overview, seed, settings.scan.crop_to_sac, step)
    return Phantom(truth.annotation, images)
