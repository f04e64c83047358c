"""The radii of roots as options give them: one for all, or by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from SpineRootLib.anatomy import segment_level
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands.base import root_radius
from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces.root_settings import LITERATURE_RADII_MM
from SpineRootLib.surfaces.settings import RootSettings

# the word that stands for the radii of the literature
LITERATURE = "literature"


def chosen_radii(words: Sequence[str]) -> RootSettings:
    """What words such as ``0.5``, ``L1=0.6`` and ``literature`` say.

    Raises
    ------
    SpineRootError
        if one is no radius, or something is said twice.
    """
    settings, by_segment, given = RootSettings(), {}, set()
    if LITERATURE in words:
        by_segment = dict(LITERATURE_RADII_MM)
    for word in (word for word in words if word != LITERATURE):
        segment, _, number = word.rpartition("=")
        radius = root_radius(number, word, "0.5 or L1=0.6")
        if segment in given:
            what = f"{segment}=" if segment else "a radius for all levels"
            raise SpineRootError(f"--radius gives {what} more than once")
        given.add(segment)
        if segment:
            segment_level(segment)
            by_segment[segment] = radius
        else:
            settings = replace(settings, radius_mm=radius)
    return replace(settings, radius_by_segment=by_segment)


def check_levels(words: Sequence[str], annotation: Annotation, option: str = "--radius") -> None:
    """A radius for a level that is not annotated is a slip.

    Raises
    ------
    SpineRootError
        if there is one.
    """
    for segment in (word.rpartition("=")[0] for word in words if "=" in word):
        if segment not in annotation.segments:
            known = " ".join(annotation.segments)
            raise SpineRootError(f"{option} {segment}=...: {segment} is not among the levels ({known})")
