"""Whether an annotation can belong to an image, before anything is proposed from it."""

from __future__ import annotations

import numpy as np

from SpineRootLib.anatomy import SIDES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.snapping import fluid_fault
from SpineRootLib.tracing.views import Views

# With fewer confirmed points than this nothing is concluded from them.
_FEWEST = 6


def misfit(views: Views, annotation: Annotation, settings: TracingSettings) -> str:
    """Why nothing should be proposed from an annotation on this image, a sentence; empty if nothing speaks against."""
    if views.image_fault:
        return views.image_fault
    if annotation.planes is not None and not _same_slices(views, annotation):
        return "the annotation was made on other slices than this image has: is it another subject's?"
    return _exchanged(views, annotation) or _not_in_fluid(views, annotation, settings)


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
        return f"left and right are exchanged: {wrong[0]}_L lies to the right of {wrong[0]}_R"
    return ""


def _mean_place(views: Views, annotation: Annotation, root: Root) -> float | None:
    points = annotation.roots.get(root)
    return None if points is None or not len(points) else float(views.planes.flatten(points)[:, 0].mean())


def _not_in_fluid(views: Views, annotation: Annotation, settings: TracingSettings) -> str:
    """An image of another subject: the confirmed points lie neither in fluid nor on dark spots."""
    dry = bare = count = 0
    for root in sorted(annotation.roots):
        points = annotation.root_descending(root)
        for point in points[:: max(1, len(points) // 3)]:
            number, flat = int(views.planes.number(point)[0]), views.planes.flatten(point)[0]
            count += 1
            if number not in views.stack or fluid_fault(views.view(number, flat), flat, settings):
                dry += 1
                continue
            spots = views.spots(number, flat)
            near = np.linalg.norm(spots.flat - flat, axis=1) < settings.spots.snap_mm
            bare += not np.any(near & (spots.contrast > settings.spots.least_contrast))
    if count >= _FEWEST and 2 * dry > count:
        return f"{dry} of {count} root points lie outside of the fluid: is this the image of another subject?"
    if count >= _FEWEST and 2 * (dry + bare) > count:
        return f"{dry + bare} of {count} root points lie on no dark spot: is this the image of another subject?"
    return ""
