"""Whether what is marked lies on what an image shows, where no record says that it is the annotated one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np

from SpineRootLib.anatomy import DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.images import read_image
from SpineRootLib.tracing.confirmed import confirmed_outlines, confirmed_points
from SpineRootLib.tracing.consistency import elsewhere
from SpineRootLib.tracing.settings import TracingSettings
from SpineRootLib.tracing.views import Views


class Told(Enum):
    """What an image's content tells of marks."""

    NOTHING = "nothing"
    FITS = "fits"
    DOUBT = "doubt"


@dataclass(frozen=True)
class ContentSettings:
    """When an image shows enough to judge marks by it; from when on it is doubted is in `ConsistencySettings`.

    Parameters
    ----------
    most_noise : standard deviation in the fluid, part of its level, above which an image shows nothing: by eye, far
        above the worst scans (0.06) and below grain without a picture (0.3 and more).
    most_slices : looked at for their noise, evenly chosen.
    """

    most_noise: float = 0.15
    most_slices: int = 8


def content(annotation: Annotation, path: Path, settings: ContentSettings | None = None) -> tuple[Told, str]:
    """What an image shows of what is marked: whether it fits, and why not, as the end of the sentence "of what ...".

    Root points lie on dark dots and the dura on an edge of the fluid, as `tracing.consistency` measures it; marks of
    another subject, or on a mirrored image, mostly do not.

    Raises
    ------
    ImageFileError
        if the image cannot be read whole.
    """
    settings = settings or ContentSettings()
    if not any(len(points) for points in annotation.roots.values()) and not annotation.contours[DURA]:
        return Told.NOTHING, ""
    tracing, image = TracingSettings(), read_image(path)
    views = Views(image, tracing)
    if views.image_fault or _noise(views, annotation, settings) > settings.most_noise:
        return Told.NOTHING, ""
    on_image = replace(annotation, planes=views.planes)
    doubt, is_told = elsewhere(views, on_image, tracing)
    if doubt:
        return Told.DOUBT, doubt
    return (Told.FITS if is_told else Told.NOTHING), ""


def _noise(views: Views, annotation: Annotation, settings: ContentSettings) -> float:
    """Median noise of the slices on which something is marked; infinite where none of them shows anything."""
    places = {
        number: flat for each in confirmed_points(annotation, views.planes).values() for number, flat in each.items()
    }
    places |= {
        number: outline.centre
        for number, outline in confirmed_outlines(annotation, DURA, views.planes).items()
        if number in views.stack
    }
    numbers = sorted(places)[:: max(1, len(places) // settings.most_slices)]
    seen = [views.view(number, places[number]) for number in numbers]
    noise = [view.noise for view in seen if not view.fault]
    return float(np.median(noise)) if noise else np.inf
