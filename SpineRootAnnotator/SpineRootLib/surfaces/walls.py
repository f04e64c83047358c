"""Dura and cord: from contours to a wall on all slices."""

from __future__ import annotations

import numpy as np

from SpineRootLib.annotation import Annotation
from SpineRootLib.surfaces.loft import Cap, Wall, loft
from SpineRootLib.surfaces.rings import RingStack, canonical_contour, ring_of
from SpineRootLib.surfaces.settings import ModelSettings
from SpineRootLib.surfaces.smoothing import filled, interpolated, smoothed


def drawn_rings(annotation: Annotation, structure: str) -> RingStack:
    """The annotated contours of a structure as rings, cranial to caudal."""
    planes = annotation.require_planes()
    contours = annotation.contours_by_slice(structure)
    rings = [ring_of(canonical_contour(planes.flatten(contour.points))) for contour in contours.values()]
    return RingStack(np.array(list(contours), dtype=np.float64), np.array(rings))


def wall(annotation: Annotation, structure: str, settings: ModelSettings, top: Cap | None, bottom: Cap | None) -> Wall:
    """The surface of ``dura`` or ``cord``."""
    planes = annotation.require_planes()
    stack = smoothed(filled(drawn_rings(annotation, structure)), planes.spacing, settings.contours)
    steps = max(1, int(np.ceil(planes.spacing / settings.mesh.step_mm - 1e-6)))
    count = (len(stack.numbers) - 1) * steps + 1
    numbers = stack.numbers[0] + np.arange(count) / steps
    return loft(interpolated(stack, numbers), planes, settings.mesh, top, bottom)
