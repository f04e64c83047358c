"""Simulated annotators: what a person might mark where the truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, SIDES, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.curves import closed_spline, signed_area
from SpineRootLib.frames import Points
from SpineRootLib.phantom.settings import AnnotatorSettings
from SpineRootLib.phantom.visible_marks import move_onto_visible_dots
from SpineRootLib.planes import SlicePlanes

Array = NDArray[np.float64]
_FEWEST_POINTS = 7


def simulate_annotator(
    truth: Annotation, settings: AnnotatorSettings, seed: int, annotator: str | None = None
) -> Annotation:
    """What a simulated annotator marks.

    Parameters
    ----------
    truth : a true annotation with its slice planes.
    seed : the same seed gives the same annotation, bit for bit.
    annotator : label of the annotator; annotators of one seed differ by their labels.
    """
    rng = np.random.default_rng([seed, 7, *(annotator or "").encode()])
    planes = truth.require_planes()
    marked = Annotation(truth.subject, annotator, planes, segments=truth.segments)
    shift = settings.bias_mm[0] * planes.right + settings.bias_mm[1] * planes.anterior
    for structure in CONTOUR_STRUCTURES:
        for contour in truth.contours[structure]:
            points = _redrawn(contour.points, planes, settings, rng) + shift
            if rng.random() >= settings.missed:
                marked.contours[structure].append(Contour(points))
    for rank, root in enumerate(sorted(truth.roots)):
        share = (rank // len(SIDES)) / max(len(truth.segments) - 1, 1)
        points = _remarked(truth.root_descending(root), planes, settings, min(share, 1.0), rng) + shift
        kept = rng.random(len(points)) >= settings.missed
        if kept.any():
            marked.roots[root] = points[kept]
    if settings.on_visible_dots:
        move_onto_visible_dots(marked, truth, settings)
    for root in sorted(truth.ganglia):
        marked.ganglia[root] = truth.ganglia[root] + shift + rng.normal(0.0, settings.ganglion_mm, 3)
    for _ in range(settings.swaps if len(truth.segments) > 1 else 0):
        _swap(marked, settings.swap_slices, rng)
    return marked


def _redrawn(points: Points, planes: SlicePlanes, settings: AnnotatorSettings, rng: np.random.Generator) -> Points:
    """A contour drawn anew with control points elsewhere on the curve."""
    flat = planes.flatten(points)
    spline = closed_spline(flat)
    count = max(int(round(len(points) * settings.contour_points)) + int(rng.integers(-2, 3)), _FEWEST_POINTS)
    at = (rng.random() + (np.arange(count) + rng.uniform(-0.25, 0.25, count)) / count) * len(points) % len(points)
    place, heading = spline(at), spline(at, 1)
    outward = np.column_stack([heading[:, 1], -heading[:, 0]]) * np.sign(signed_area(flat))
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    offset = settings.contour_bias_mm + rng.normal(0.0, settings.contour_mm, count)
    number = planes.number_of_contour(points)
    return planes.lift(place + offset[:, None] * outward, number)


def _remarked(
    points: Points, planes: SlicePlanes, settings: AnnotatorSettings, share: float, rng: np.random.Generator
) -> Points:
    """A root marked anew on the same slices; `share` is 0 for the first segment and 1 for the last."""
    jitter, drift = (low + (high - low) * share for low, high in (settings.jitter_mm, settings.drift_mm))
    slow = gaussian_filter1d(rng.normal(size=(len(points), 2)), settings.drift_slices / 2, axis=0, mode="reflect")
    slow *= np.sqrt(settings.drift_slices * np.sqrt(np.pi)) * drift  # white noise of unit variance, smoothed
    flat = planes.flatten(points) + slow + rng.normal(0.0, jitter, (len(points), 2))
    return planes.lift(flat, planes.number(points))


def _swap(annotation: Annotation, slices: int, rng: np.random.Generator) -> None:
    """Confuse two neighbouring roots of a side over a few slices."""
    first, second = _neighbours(annotation, rng)
    points = {root: annotation.root_by_slice(root) for root in (first, second)}
    shared = sorted(set(points[first]) & set(points[second]))
    if not shared:
        return
    start = int(rng.integers(len(shared)))
    for number in shared[start : start + slices]:
        annotation.set_root_point(first, number, points[second][number])
        annotation.set_root_point(second, number, points[first][number])


def _neighbours(annotation: Annotation, rng: np.random.Generator) -> tuple[Root, Root]:
    segments: Sequence[str] = annotation.segments
    upper = int(rng.integers(len(segments) - 1))
    side = SIDES[int(rng.integers(len(SIDES)))]
    return Root(segments[upper], side), Root(segments[upper + 1], side)
