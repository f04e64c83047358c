"""Proposals for roots, contours and ganglia of one subject's image: what a user interface or a command calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import as_points
from SpineRootLib.images import Image
from SpineRootLib.progress import Progress, report
from SpineRootLib.tracing.contours import ContourSeeds, ContourTracer
from SpineRootLib.tracing.control_points import reduce_points
from SpineRootLib.tracing.following import as_far_as_sure, outermost
from SpineRootLib.tracing.ganglion import propose_ganglion
from SpineRootLib.tracing.judging import misfit
from SpineRootLib.tracing.known import known_outlines, known_points
from SpineRootLib.tracing.known import surroundings as known_surroundings
from SpineRootLib.tracing.next_root import propose_next, wrong_root
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.roots import RootTracer, TracedRoot
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.snapping import nearest_spot
from SpineRootLib.tracing.views import Views


class Tracer:
    """Proposes where roots, contours and ganglia of a subject are, from what is confirmed of them.

    An `Annotation` that is passed in holds what a person confirmed and nothing else: none of its points or contours
    is ever moved, and nothing is proposed for a slice that has one. After a correction, put the corrected point into
    the annotation and ask again. Every method is deterministic and independent of what was asked before; windows of
    the image are kept (at most some 100 MB), never the whole image.

    Parameters
    ----------
    image : the CISS image.
    settings : what is tuned; `settings.fluid.bright_fluid` is False for bright roots on dark fluid.
    overviews : other images by name (``DESS``, ``T2TSE``), on which ganglia are looked for.

    Raises
    ------
    ImageFileError
        if the image is no 3D scalar one.
    GeometryError
        if its slices stand upright.
    """

    def __init__(
        self,
        image: Image,
        settings: TracingSettings | None = None,
        overviews: Mapping[str, Image] | None = None,
    ):
        self.settings = settings or TracingSettings()
        self.overviews = dict(overviews or {})
        self._views = Views(image, self.settings)
        self._near = self._views.nearer()
        self._roots = RootTracer(self._views, self.settings)
        self.planes = self._views.planes

    def misfit(self, annotation: Annotation) -> str:
        """Why nothing should be proposed from the annotation on this image (another subject's, left and right
        exchanged, ...), a sentence; empty if nothing speaks against it."""
        return misfit(self._views, annotation, self.settings)

    def snap(
        self,
        point: ArrayLike,
        radius_mm: float | None = None,
        annotation: Annotation | None = None,
        root: Root | None = None,
    ) -> PointProposal:
        """The centre of the dark spot under a click.

        Parameters
        ----------
        point : (3,) RAS mm; it is taken to lie on the nearest slice.
        radius_mm : how far the click may be moved; by default as the settings say.
        annotation, root : what is confirmed, and the root that is meant: a spot that is another root's, or far from
            where this one runs, is not proposed.
        """
        place = as_points(point)[0]
        number, fault = self._slice_of(place)
        if fault:
            return PointProposal(None, reason=fault, slice=number)
        flat = self.planes.flatten(place)[0]
        radius = self.settings.spots.snap_mm if radius_mm is None else radius_mm
        view, spots = self._near.view(number, flat), self._near.spots(number, flat)
        found, confidence, reason = nearest_spot(view, spots, flat, radius, self.settings)
        if found is not None and annotation is not None and root is not None:
            fault = wrong_root(known_points(annotation, self.planes), root, number, found, self.planes, self.settings)
            found, confidence, reason = (None, 0.0, fault) if fault else (found, confidence, reason)
        return self._point(found, confidence, reason, root, number)

    def propose_root_next(self, annotation: Annotation, root: Root, number: int) -> PointProposal:
        """A root's point on a slice, from its confirmed points on slices near it (5 ms).

        Parameters
        ----------
        annotation : what is confirmed; other roots' points on the slice keep their spots to themselves.
        number : the slice, as a rule the one after or before a confirmed one.
        """
        if number not in self._views.stack:
            return PointProposal(None, reason=f"there is no slice {number}", root=root, slice=number)
        confirmed = known_points(annotation, self.planes)
        found, confidence, reason = propose_next(self._near, confirmed, root, number, self.settings)
        return self._point(found, confidence, reason, root, number)

    def propose_roots(
        self,
        annotation: Annotation,
        roots: Iterable[Root] | None = None,
        onward: bool = False,
        surroundings: Mapping[str, Mapping[int, ContourProposal]] | None = None,
        progress: Progress | None = None,
    ) -> dict[Root, list[PointProposal]]:
        """Points of roots on all slices between their confirmed ones, all roots together.

        Parameters
        ----------
        annotation : what is confirmed.
        roots : those whose proposals are asked for; by default all that have a confirmed point. All confirmed roots
            take part in the assignment in any case.
        onward : follow the roots beyond their first and last confirmed points too, as far as the confidence carries.
        surroundings : proposed contours of dura and cord by slice number, where none is confirmed.
        progress : asked between slices whether to go on.

        Returns
        -------
        dict
            for each root asked for its proposals by slice, cranial to caudal, without the confirmed slices; one
            without a position says why the root could not be followed.

        Raises
        ------
        Cancelled
            if `progress` asks to stop.
        """
        confirmed = known_points(annotation, self.planes)
        asked = sorted(confirmed if roots is None else roots)
        fault = self.misfit(annotation)
        if fault:
            return {root: [PointProposal(None, reason=fault, root=root)] for root in asked}
        around = known_surroundings(annotation, surroundings or {}, self.planes)
        first, last = (1, self.planes.count) if onward else (None, None)
        traced = self._roots.trace(confirmed, around, first, last, progress)
        answers = {root: self._root_proposals(root, traced.get(root), confirmed.get(root, {})) for root in asked}
        if not onward:
            return answers
        least = self.settings.path.stop_confidence
        return {
            root: as_far_as_sure(points, root, confirmed[root], self.planes.count, least)
            if traced.get(root)
            else points
            for root, points in answers.items()
        }

    def propose_root_ends(
        self,
        annotation: Annotation,
        root: Root,
        surroundings: Mapping[str, Mapping[int, ContourProposal]] | None = None,
        progress: Progress | None = None,
    ) -> tuple[PointProposal, PointProposal]:
        """Where a root detaches from the cord and where it leaves the dura, beyond its confirmed points.

        The root is followed upwards and downwards beside its confirmed neighbours until no dark spot goes on: above it
        has joined the cord, below it has reached the dura, at the latest at the level of its ganglion.

        Returns
        -------
        first, last : the topmost and the lowest point proposed; without a position where the root does not go on.
        """
        found = self.propose_roots(annotation, [root], True, surroundings, progress)[root]
        known = known_points(annotation, self.planes).get(root, {})
        if not known:
            return found[0], found[0]
        ganglion = annotation.ganglia.get(root)
        lowest = self.planes.count if ganglion is None else int(self.planes.number(ganglion)[0])
        first, last = outermost(found, known, lowest)
        return first, last

    def propose_contour(
        self, structure: str, number: int, annotation: Annotation | None = None, click: ArrayLike | None = None
    ) -> ContourProposal:
        """Dura or cord on one slice (15 ms), from a click inside of it or else from the nearest confirmed contour.

        Parameters
        ----------
        structure : ``dura`` or ``cord``.
        number : the slice.
        annotation : what is confirmed.
        click : (3,) RAS mm.
        """
        fault = self._views.image_fault
        if number not in self._views.stack:
            fault = f"there is no slice {number}"
        seeds = self._contour_seeds(annotation, structure, {} if click is None else {number: click})
        if not fault and not seeds.numbers:
            fault = f"no {structure} is confirmed from which to start: click inside of it"
        if fault:
            return ContourProposal(None, reason=fault, structure=structure, slice=number)
        tracer = ContourTracer(self._views, structure, self.settings.contours)
        return self._contour(tracer.single(seeds, number), structure, number)

    def propose_contours(
        self,
        structure: str,
        annotation: Annotation | None = None,
        clicks: Mapping[int, ArrayLike] | None = None,
        first: int | None = None,
        last: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[ContourProposal]:
        """Dura or cord on all slices without a confirmed contour.

        Parameters
        ----------
        structure : ``dura`` or ``cord``.
        clicks : inner clicks, (3,) RAS mm, by slice number.
        first, last : the slices; by default the whole image. Beyond the first and last slice with a click or contour
            the outline is followed until it ends.

        Yields
        ------
        ContourProposal
            slice by slice from cranial to caudal; one without points says why.
        """
        seeds = self._contour_seeds(annotation, structure, clicks or {})
        fault = self._views.image_fault or ("" if annotation is None else self.misfit(annotation))
        if not fault and not seeds.numbers:
            fault = f"no {structure} is confirmed from which to start: click inside of it"
        if fault:
            yield ContourProposal(None, reason=fault, structure=structure)
            return
        tracer = ContourTracer(self._views, structure, self.settings.contours)
        start, end = first or 1, last or self.planes.count
        for done, (number, outline) in enumerate(tracer.trace(seeds, start, end)):
            report(progress, done / (end - start + 1), f"Tracing {structure}")
            if number not in seeds.outlines:
                yield self._contour((outline, ""), structure, number)

    def propose_ganglion(self, click: ArrayLike, root: Root | None = None, image: str | None = None) -> PointProposal:
        """The centre of the oval near a click, (3,) RAS mm, on an overview image.

        Parameters
        ----------
        image : name of the image; by default the first that shows an oval there, DESS before T2TSE.
        """
        dark = self.settings.ganglia.dark_on
        names = sorted(self.overviews, key=lambda name: (name in dark, name)) if image is None else [image]
        fault = f"there is no {image or 'DESS'} image"
        for name in names if image is None or image in self.overviews else ():
            found = propose_ganglion(self.overviews[name], click, self.settings.ganglia, name not in dark)
            if found:
                return PointProposal(found.position, found.confidence, found.reason, root)
            fault = found.reason if name == names[0] else fault
        return PointProposal(None, reason=fault, root=root)

    def _slice_of(self, point: Flat) -> tuple[int, str]:
        if self._views.image_fault:
            return 0, self._views.image_fault
        if not np.all(np.isfinite(point)):
            return 0, "the click has no finite position"
        number = int(self.planes.number(point)[0])
        return number, "" if number in self._views.stack else "the click lies above or below the image"

    def _point(
        self, flat: Flat | None, confidence: float, reason: str, root: Root | None, number: int
    ) -> PointProposal:
        position = None if flat is None else self.planes.lift(flat, number)[0]
        return PointProposal(position, confidence, reason, root, number)

    def _contour_seeds(
        self, annotation: Annotation | None, structure: str, clicks: Mapping[int, ArrayLike]
    ) -> ContourSeeds:
        flat = {number: self.planes.flatten(point)[0] for number, point in clicks.items()}
        return ContourSeeds(flat, {} if annotation is None else known_outlines(annotation, structure, self.planes))

    def _root_proposals(
        self, root: Root, traced: TracedRoot | None, confirmed: Mapping[int, Flat]
    ) -> list[PointProposal]:
        if traced is None or not len(traced.numbers):
            reason = "no point of the root is confirmed" if not confirmed else "no course was found between its points"
            return [PointProposal(None, reason=reason, root=root)]
        points = self.planes.lift(traced.flat, traced.numbers)
        rows = zip(traced.numbers, points, traced.confidence, traced.seen, strict=True)
        return [
            PointProposal(point, float(sure), "" if seen else "no dark spot is seen here", root, int(number))
            for number, point, sure, seen in rows
            if int(number) not in confirmed
        ]

    def _contour(self, found: tuple[Outline | None, str], structure: str, number: int) -> ContourProposal:
        outline, reason = found
        if outline is None:
            reason = reason or f"no {structure} with a clear edge is seen here"
            return ContourProposal(None, reason=reason, structure=structure, slice=number)
        points, _ = reduce_points(outline.flat, self.settings.contours)
        confidence = float(np.mean(np.clip(outline.strength / self.settings.contours.full_edge, 0.0, 1.0)))
        return ContourProposal(self.planes.lift(points, number), confidence, reason, structure, number)
