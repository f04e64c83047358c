"""What is proposed for dura and cord: one contour, or all slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from SpineRootLib.anatomy import DURA, contour_title
from SpineRootLib.annotation import Annotation
from SpineRootLib.control_points import reduce_points
from SpineRootLib.progress import Progress, part
from SpineRootLib.tracing.confidence import logistic
from SpineRootLib.tracing.confirmed import confirmed_outlines
from SpineRootLib.tracing.consistency import misfit
from SpineRootLib.tracing.contours import ContourSeeds, ContourTracer
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.proposals import ContourProposal
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.views import Views
from SpineRootLib.translation import _

# How far work is when it is known that annotation and image belong together.
_COMPARED = 0.1
_NO_START = _("no {structure} is confirmed from which to start: click inside of it")
_UNSEEN = _("little of its edge is seen: it follows from the contours about it")


class ContourProposals:
    """The proposals for dura and cord on one image; see `Tracer` for what each is."""

    def __init__(self, views: Views, settings: TracingSettings):
        self.views, self.settings = views, settings
        self.planes = views.planes

    def one(
        self,
        structure: str,
        number: int,
        annotation: Annotation | None,
        click: ArrayLike | None,
        progress: Progress | None = None,
    ) -> ContourProposal:
        """The contour of one slice."""
        fault = self.views.image_fault
        if number not in self.views.stack:
            fault = _("there is no slice {number}").format(number=number)
        seeds = self._seeds(annotation, structure, {} if click is None else {number: click})
        if not fault and not seeds.numbers:
            fault = _NO_START.format(structure=contour_title(structure))
        if fault:
            return ContourProposal(None, reason=fault, structure=structure, slice=number)
        tracer = ContourTracer(self.views, structure, self.settings)
        return self._proposal(tracer.single(seeds, number, progress), structure, number)

    def all(
        self,
        structure: str,
        annotation: Annotation | None,
        clicks: Mapping[int, ArrayLike],
        ends: tuple[int, int],
        progress: Progress | None,
    ) -> Iterator[ContourProposal]:
        """The contours of all slices from one to another that have none confirmed."""
        seeds = self._seeds(annotation, structure, clicks)
        fault = self.views.image_fault
        if not fault and annotation is not None:
            fault = misfit(self.views, annotation, self.settings, part(progress, 0.0, _COMPARED))
        if not fault and not seeds.numbers:
            fault = _NO_START.format(structure=contour_title(structure))
        if fault:
            yield ContourProposal(None, reason=fault, structure=structure)
            return
        tracer = ContourTracer(self.views, structure, self.settings)
        for number, outline in tracer.trace(seeds, *ends, part(progress, _COMPARED, 1.0)):
            if number not in seeds.outlines:
                yield self._proposal((outline, ""), structure, number)

    def _seeds(self, annotation: Annotation | None, structure: str, clicks: Mapping[int, ArrayLike]) -> ContourSeeds:
        flat = {number: self.planes.flatten(point)[0] for number, point in clicks.items()}
        return ContourSeeds(flat, {} if annotation is None else confirmed_outlines(annotation, structure, self.planes))

    def _proposal(self, found: tuple[Outline | None, str], structure: str, number: int) -> ContourProposal:
        outline, reason = found
        if outline is None:
            unclear = _("no {structure} with a clear edge is seen here").format(structure=contour_title(structure))
            reason = reason or unclear
            return ContourProposal(None, reason=reason, structure=structure, slice=number)
        settings = self.settings.contours
        points = reduce_points(outline.flat, settings.tolerance_mm, settings.fewest_points, settings.most_points)
        deviation = float("nan") if outline.deviation is None else float(outline.deviation.mean())
        half_sure = settings.half_sure_dura_mm if structure == DURA else settings.half_sure_cord_mm
        confidence = logistic((half_sure - _worst_quarter(outline)) / settings.sure_mm)
        seen = float(np.mean(outline.strength)) >= settings.by_image
        reason = reason or ("" if seen else _UNSEEN)
        place = self.planes.lift(points, number)
        return ContourProposal(place, confidence, reason, structure, number, seen, deviation)


def _worst_quarter(outline: Outline) -> float:
    """The mean standard deviation, mm, along the quarter of an outline of which least is known."""
    if outline.deviation is None:
        return float("nan")
    quarter = len(outline.deviation) // 4
    return float(ndimage.uniform_filter1d(outline.deviation, quarter, mode="wrap").max())
