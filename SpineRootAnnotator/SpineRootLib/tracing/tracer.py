"""Proposals for roots, contours and ganglia of one subject's image: what a user interface or a command calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import ArrayLike

from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import as_points
from SpineRootLib.images import Image
from SpineRootLib.progress import Progress
from SpineRootLib.tracing.clicks import place_of_click, wrong_root
from SpineRootLib.tracing.confirmed import confirmed_outlines, confirmed_points
from SpineRootLib.tracing.consistency import misfit
from SpineRootLib.tracing.contour_proposals import ContourProposals
from SpineRootLib.tracing.ganglion import propose_ganglion
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.root_proposals import RootProposals
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.translation import _


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
        self._roots = RootProposals(self._views, self._near, self.settings)
        self._contours = ContourProposals(self._views, self.settings)
        self.planes = self._views.planes

    def misfit(self, annotation: Annotation) -> str:
        """Why nothing should be proposed from the annotation on this image, a sentence, or an empty text.

        It is another subject's, left and right are exchanged, or the like.
        """
        return misfit(self._views, annotation, self.settings)

    def snap(
        self,
        point: ArrayLike,
        radius_mm: float | None = None,
        annotation: Annotation | None = None,
        root: Root | None = None,
    ) -> PointProposal:
        """The place that a click for a root means: the dot that is clearly meant, or the click itself.

        Parameters
        ----------
        point : (3,) RAS mm; it is taken to lie on the nearest slice.
        radius_mm : how far the click may be moved at most; by default as the settings say.
        annotation, root : what is confirmed, and the root that is meant: a place that is another root's, or far from
            where this one runs, is not proposed.
        """
        place = as_points(point)[0]
        number, fault = self._slice_of(place)
        if fault:
            return PointProposal(None, reason=fault, slice=number)
        flat = self.planes.flatten(place)[0]
        dura = None if annotation is None else confirmed_outlines(annotation, DURA, self.planes).get(number)
        dots = self._near.dots(number, flat)
        found, confidence, reason = place_of_click(dots, flat, dura, radius_mm, self.settings)
        if found is not None and annotation is not None and root is not None:
            marks = confirmed_points(annotation, self.planes)
            fault = wrong_root(marks, root, number, found, self.planes, self.settings)
            found, confidence, reason = (None, 0.0, fault) if fault else (found, confidence, reason)
        position = None if found is None else self.planes.lift(found, number)[0]
        return PointProposal(position, confidence, reason, root, number, not reason)

    def propose_root_next(self, annotation: Annotation, root: Root, number: int) -> PointProposal:
        """A root's point on a slice, from its confirmed points on slices near it.

        Parameters
        ----------
        annotation : what is confirmed; other roots' points on the slice keep their spots to themselves.
        number : the slice, as a rule the one after or before a confirmed one.
        """
        return self._roots.next(annotation, root, number)

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
        progress : asked from root to root and from mark to mark whether to go on.

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
        return self._roots.between(annotation, roots, onward, surroundings, progress)

    def propose_root_ends(
        self,
        annotation: Annotation,
        roots: Iterable[Root] | None = None,
        surroundings: Mapping[str, Mapping[int, ContourProposal]] | None = None,
        progress: Progress | None = None,
    ) -> dict[Root, tuple[PointProposal, PointProposal]]:
        """Where roots detach from the cord and where they leave the dura, beyond their confirmed points.

        Roots are followed upwards and downwards together. Above, a root is traced to the cord, where it is no spot of
        its own for some slices, with the root of the other side in mind; below, as far as its ganglion says.

        Returns
        -------
        dict
            for each root asked for its first and its last point; its outermost confirmed one where it does not go on.
        """
        return self._roots.ends(annotation, roots, surroundings, progress)

    def propose_contour(
        self,
        structure: str,
        number: int,
        annotation: Annotation | None = None,
        click: ArrayLike | None = None,
        progress: Progress | None = None,
    ) -> ContourProposal:
        """Dura or cord on one slice, from a click inside of it (30 ms) or else from the confirmed contours.

        Parameters
        ----------
        structure : ``dura`` or ``cord``.
        number : the slice.
        annotation : what is confirmed.
        click : (3,) RAS mm.
        progress : asked from one confirmed contour to the next (10 ms each) whether to go on.

        Raises
        ------
        Cancelled
            if `progress` asks to stop.
        """
        return self._contours.one(structure, number, annotation, click, progress)

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
        ends = (first or 1, last or self.planes.count)
        yield from self._contours.all(structure, annotation, clicks or {}, ends, progress)

    def propose_ganglion(self, click: ArrayLike, root: Root | None = None, image: str | None = None) -> PointProposal:
        """The centre of the oval near a click, (3,) RAS mm, on an overview image.

        Parameters
        ----------
        image : name of the image; by default the first that shows an oval there, DESS before T2TSE.
        """
        dark = self.settings.ganglia.dark_on
        names = sorted(self.overviews, key=lambda name: (name in dark, name)) if image is None else [image]
        fault = _("there is no {image} image").format(image=image or "DESS")
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
            return 0, _("the click has no finite position")
        number = int(self.planes.number(point)[0])
        return number, "" if number in self._views.stack else _("the click lies above or below the image")
