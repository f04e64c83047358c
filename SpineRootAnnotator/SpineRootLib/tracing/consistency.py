"""Whether an annotation can belong to an image, before anything is proposed from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import DURA, SIDES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import signed_distance
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.tracing.confirmed import confirmed_outlines, confirmed_points
from SpineRootLib.tracing.outline import Outline
from SpineRootLib.tracing.sac import fluid_about
from SpineRootLib.tracing.settings import ConsistencySettings, TracingSettings
from SpineRootLib.tracing.slices import Flat
from SpineRootLib.tracing.views import Views
from SpineRootLib.translation import _

_ANOTHER = _("is this the image of another subject, or a mirrored one?")


def misfit(views: Views, annotation: Annotation, settings: TracingSettings, progress: Progress | None = None) -> str:
    """Why nothing should be proposed from an annotation on this image, a sentence; empty if nothing speaks against.

    Raises
    ------
    Cancelled
        if `progress`, which is asked at each mark that is looked at, asks to stop.
    """
    if views.image_fault:
        return views.image_fault
    if annotation.planes is not None and not _same_slices(views, annotation):
        return _("the annotation was made on other slices than this image has: is it another subject's?")
    return _exchanged(views, annotation) or elsewhere(views, annotation, settings, progress)[0]


def _same_slices(views: Views, annotation: Annotation) -> bool:
    planes = annotation.require_planes()
    return planes.count <= views.planes.count + 1 and planes.agrees_with(views.planes, 0.5)


def _exchanged(views: Views, annotation: Annotation) -> str:
    """Left and right exchanged: most pairs of a segment have their left root on the right."""
    wrong, pairs = [], 0
    for segment in annotation.segments:
        left, right = (_mean_place(views, annotation, Root(segment, side)) for side in SIDES)
        if left is not None and right is not None:
            pairs += 1
            if left > right:
                wrong.append(segment)
    if wrong and 2 * len(wrong) > pairs:
        text = _("left and right are exchanged: {segment}_L lies to the right of {segment}_R")
        return text.format(segment=wrong[0])
    return ""


def _mean_place(views: Views, annotation: Annotation, root: Root) -> float | None:
    points = annotation.roots.get(root)
    return None if points is None or not len(points) else float(views.planes.flatten(points)[:, 0].mean())


# Directions in which it is looked how often a dot lies somewhere by chance.
_AROUND = np.column_stack([np.cos(np.arange(6) * np.pi / 3), np.sin(np.arange(6) * np.pi / 3)])


@dataclass(frozen=True)
class Agreement:
    """How an annotation's marks and contours lie on an image: shares, NaN where there are too few to tell.

    Parameters
    ----------
    points : how many root points were looked at.
    dotted : of these, the share on a dark dot.
    own : by how much they lie on dots more often than places beside them, and are darker than these: the difference of
        the shares, and a part of the difference of brightness over its standard deviation. 0 for marks that have
        nothing to do with the image.
    centred : by how much more they look like the middle of a dark dot than places just beside them, over the standard
        deviation of that.
    by_root : the same of each root by itself, where it is above 0: the root of the mean square over the roots.
    walled : share of the contours of the dura along which it gets darker outwards.
    placed : how many root points were looked at for the next.
    absent : of these, the share where no root can be: in bright fluid, or well outside of all fluid's hull; where roots
        are so grey that they look like fluid themselves, outside alone.
    dark : how bright the dots within the fluid's hull are, their median, part of the fluid's level.
    """

    points: int
    dotted: float
    own: float
    centred: float
    by_root: float
    walled: float
    placed: int
    absent: float
    dark: float


def agreement(
    views: Views, annotation: Annotation, settings: TracingSettings, progress: Progress | None = None
) -> Agreement:
    """How an annotation lies on an image."""
    s = settings.consistency
    marks = confirmed_points(annotation, views.planes)
    points = [(number, flat) for each in marks.values() for number, flat in each.items()]
    roots = np.repeat(np.arange(len(marks)), [len(each) for each in marks.values()])
    bright, outside, dark = _absent(views, points, settings, part(progress, 0.0, 0.4))
    step = max(1, len(points) // s.most_points)
    points, roots = points[::step], roots[::step]
    on, beside, darker, middle = (np.array(each) for each in _on_dots(views, points, s, part(progress, 0.4, 0.8)))
    # in noise dots are anywhere, and that marks lie on none says nothing
    noise = [views.view(number, flat).noise for number, flat in points]
    telling = len(on) >= s.fewest_points and float(np.median(noise)) < s.quiet
    looked_at = np.isfinite(middle).sum() >= s.fewest_points and float(np.median(noise)) < s.loudest
    centred = _effect(middle) if looked_at else np.nan
    by_root = _by_root(middle, roots, s) if looked_at else np.nan
    dotted = float(np.mean(on)) if telling else np.nan
    own = dotted - float(np.mean(beside)) + s.darkness * _effect(darker) if telling else np.nan
    edges = []
    outlines = confirmed_outlines(annotation, DURA, views.planes)
    chosen = list(outlines)[:: max(1, len(outlines) // s.most_contours)]
    for done, number in enumerate(chosen):
        _tell(part(progress, 0.8, 1.0), done, len(chosen))
        if number in views.stack:
            edges.append(_is_wall(views, number, outlines[number], s))
    walled = float(np.mean(edges)) if len(edges) >= s.fewest_contours else np.nan
    shade = float(np.median(dark)) if dark else np.nan
    absent = np.array(outside, bool) | (np.array(bright, bool) & (not shade > s.grey))
    share = float(np.mean(absent)) if len(absent) >= s.fewest_points else np.nan
    return Agreement(len(points), dotted, own, centred, by_root, walled, len(absent), share, shade)


def _tell(progress: Progress | None, done: int, count: int) -> None:
    report(progress, done / count, "Comparing what is marked with the image")


def _on_dots(
    views: Views, points: Sequence[tuple[int, Flat]], s: ConsistencySettings, progress: Progress | None
) -> tuple[list[bool], list[float], list[float], list[float]]:
    """Of each root point whether it is on a dot, the share beside it that is, by how much it is darker, and more a dot.

    The last is compared with places nearer to it than the others: with what lies between it and the next dot. The last
    two are NaN where nothing is seen.
    """
    on, beside, darker, middle = [], [], [], []
    for done, (number, flat) in enumerate(points):
        _tell(progress, done, len(points))
        dots = views.dots(number, flat)
        around = flat + s.beside_mm * _AROUND
        on.append(len(dots.near(flat, s.dot_mm)) > 0)
        beside.append(float(np.mean([len(dots.near(place, s.dot_mm)) > 0 for place in around])))
        if dots.view.fault:
            darker.append(np.nan)
            middle.append(np.nan)
        else:
            core = dots.view.patch.sample(dots.core, np.vstack([flat, around]))
            darker.append(float(core[1:].mean() - core[0]))
            response = dots.view.patch.sample(dots.response, np.vstack([flat, flat + s.between_mm * _AROUND]))
            middle.append(float(response[0] - response[1:].mean()))
    return on, beside, darker, middle


def _effect(values: NDArray[np.float64]) -> float:
    """Mean over standard deviation of what is no NaN; 0 where there are too few."""
    values = values[np.isfinite(values)]
    spread = float(values.std()) if len(values) > 1 else 0.0
    return float(values.mean()) / spread if spread > 0 else 0.0


def _by_root(values: NDArray[np.float64], roots: NDArray[np.intp], s: ConsistencySettings) -> float:
    """`Agreement.by_root` of values, (n,), of points of roots that are told by number, (n,); NaN of too few marks."""
    found = [
        each for root in np.unique(roots) if len(each := values[(roots == root) & np.isfinite(values)]) >= s.of_root
    ]
    if len(found) < s.fewest_roots:
        return float("nan")
    return float(np.sqrt(np.mean([max(_effect(each), 0.0) ** 2 for each in found])))


def _absent(
    views: Views, points: Sequence[tuple[int, Flat]], settings: TracingSettings, progress: Progress | None
) -> tuple[list[bool], list[bool], list[float]]:
    """Of each root point of some slices whether it lies in bright fluid, and whether well outside of all fluid's hull;
    and how bright the dots there are.

    Slices without a sac of fluid tell nothing.
    """
    s, by_slice = settings.consistency, defaultdict[int, list[Flat]](list)
    for number, flat in points:
        by_slice[number].append(flat)
    bright: list[bool] = []
    outside: list[bool] = []
    dark: list[float] = []
    chosen = sorted(by_slice)[:: max(1, len(by_slice) // s.most_slices)]
    for done, number in enumerate(chosen):
        _tell(progress, done, len(chosen))
        places = np.array(by_slice[number])
        dots = views.dots(number, places.mean(axis=0))
        sac = None if dots.view.fault else fluid_about(dots, places.mean(axis=0), settings.contours)
        if sac is not None:
            bright += (dots.view.patch.sample(dots.core, places) > settings.clicks.fluid).tolist()
            outside += (signed_distance(sac.flat, places) > s.outside_mm).tolist()
            dark += dots.view.patch.sample(dots.core, dots.flat[signed_distance(sac.flat, dots.flat) < 0]).tolist()
    return bright, outside, dark


def _is_wall(views: Views, number: int, outline: Outline, s: ConsistencySettings) -> float:
    """Share of a contour of the dura along which the brightness falls outwards."""
    view = views.view(number, outline.centre)
    if view.fault:
        return 0.0
    away = outline.flat - outline.centre
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    inside, outside = (view.patch.sample(view.relative, outline.flat + by * away) for by in (-s.wall_mm, s.wall_mm))
    return float(np.mean(inside - outside > s.wall_fall))


def elsewhere(
    views: Views, annotation: Annotation, settings: TracingSettings, progress: Progress | None = None
) -> tuple[str, bool]:
    """Why an image may be of another subject, or a mirrored one, for what is marked is not there; empty if it may not.

    Returns
    -------
    a sentence, and whether there was enough marked and seen to tell.
    """
    s, found = settings.consistency, agreement(views, annotation, settings, progress)
    aside = found.centred < _least_centred(found, s) and not _is_on_some(found, s)
    off = _is_off(found, s)
    missed = found.absent > s.most_absent + s.deviations * np.sqrt(s.variance / max(found.placed, 1))
    if found.walled >= s.surely_walled or not (off or missed or aside):
        return "", _is_told(found, s)
    if missed:
        text = _("{share:.0f} % of the root points lie where no root can be, in bright fluid or outside of it: {asked}")
        return text.format(share=100 * found.absent, asked=_ANOTHER), True
    if not off:
        return _("the root points do not lie on the middles of dark dots: {asked}").format(asked=_ANOTHER), True
    if not np.isfinite(found.dotted):
        text = _("only {walled:.0f} % of the dura's contours follow an edge: {asked}")
    elif not np.isfinite(found.walled):
        text = _("only {dotted:.0f} % of the root points lie on a dark dot: {asked}")
    else:
        text = _(
            "only {dotted:.0f} % of the root points lie on a dark dot, and {walled:.0f} % of the dura's contours"
            " follow an edge: {asked}"
        )
    return text.format(dotted=100 * found.dotted, walled=100 * found.walled, asked=_ANOTHER), True


def _is_off(found: Agreement, s: ConsistencySettings) -> bool:
    """Whether too few points lie on dots, or too little of the dura on an edge."""
    if not np.isfinite(found.own):  # where dots tell nothing the dura alone has to
        return bool(found.walled < s.least_walled_alone)
    # few points miss the dots by chance
    own = found.own + s.deviations * np.sqrt(s.variance / max(found.points, 1))
    if np.isfinite(found.walled):
        together = own + s.wall_weight * (found.walled - s.usual_walled)
        return bool(found.walled < s.least_walled or together < s.least_together)
    # a hand that drifts leaves the dots, and is nearer to their middles than to what lies between them all the same
    may_be_own = _is_centred(found, s) or _is_on_some(found, s)
    return bool(found.dark < s.faint and own < s.least_own and not may_be_own)


def _least_centred(found: Agreement, s: ConsistencySettings) -> float:
    """Below what the middles of dots speak against an image: less where these are faint, and of few points."""
    root = float(np.sqrt(max(found.points, 1)))
    if found.dark < s.faint:
        return min(s.least_centred, s.many_centred - s.few_centred / root)
    return min(s.least_centred_faint, s.many_centred_faint - s.few_centred_faint / root)


def _is_centred(found: Agreement, s: ConsistencySettings) -> bool:
    """Whether so many points lie so well on the middles of dots that those of another image would not."""
    return bool(found.centred >= s.surely_centred + s.chance_centred / np.sqrt(max(found.points, 1)))


def _is_on_some(found: Agreement, s: ConsistencySettings) -> bool:
    """Whether some roots lie well on middles: a hand that drifts off the lower ones, which crowd, is on the others."""
    return bool(found.by_root >= s.least_by_root)


def _is_told(found: Agreement, s: ConsistencySettings) -> bool:
    """Whether an image against which nothing speaks is told to be the annotated one."""
    if found.walled >= s.surely_walled or _is_centred(found, s):
        return True
    by_dots = (
        np.isfinite(found.own) and np.isfinite(found.walled) or found.dark < s.faint and np.isfinite(found.centred)
    )
    return bool((by_dots or found.walled >= s.told_walled) and not found.centred < s.least_centred)
