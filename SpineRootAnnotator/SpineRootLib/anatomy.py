"""Names of the anatomy: segments, sides, roots and the structures that are annotated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from SpineRootLib.errors import SpineRootError
from SpineRootLib.translation import _

DURA = "dura"
CORD = "cord"
ROOTS = "nerveroots"
GANGLIA = "ganglions"
CSF = "csf"

CONTOUR_STRUCTURES = (DURA, CORD)
POINT_STRUCTURES = (ROOTS, GANGLIA)
STRUCTURES = (*CONTOUR_STRUCTURES, *POINT_STRUCTURES)

SIDES = ("L", "R")
DEFAULT_SEGMENTS = ("L1", "L2", "L3", "L4", "L5", "S1", "S2")

# T13 and L6 are there in a few people only (lumbosacral and thoracolumbar transition)
_REGIONS = {"C": 8, "T": 13, "L": 6, "S": 5}
SUPERNUMERARY = ("T13", "L6")
SPINAL_SEGMENTS = tuple(f"{region}{number}" for region, last in _REGIONS.items() for number in range(1, last + 1))


def contour_title(structure: str) -> str:
    """Dura or cord as a user reads it."""
    return {DURA: _("dura"), CORD: _("cord")}.get(structure, structure)


def segment_level(segment: str) -> int:
    """Rank of a segment from the head down: C1 is 0, S5 the last.

    Raises
    ------
    SpineRootError
        if it is no spinal segment (C1-C8, T1-T12 and T13, L1-L5 and L6, S1-S5).
    """
    if segment not in SPINAL_SEGMENTS:
        fault = _("'{segment}' is no spinal segment (C1-C8, T1-T13, L1-L6, S1-S5)")
        raise SpineRootError(fault.format(segment=segment))
    return SPINAL_SEGMENTS.index(segment)


def parse_segments(text: str | Iterable[str]) -> tuple[str, ...]:
    """Segments from cranial to caudal, from a list or a text such as ``"T12 L1 L2"``; duplicates are dropped."""
    words = re.split(r"[\s,]+", text.strip()) if isinstance(text, str) else list(text)
    segments = sorted(set(words), key=segment_level)
    if not segments:
        raise SpineRootError(_("no segment was named"))
    return tuple(segments)


@dataclass(frozen=True)
class Root:
    """A spinal nerve root: a segment and the subject's own side, written ``L1_L``."""

    segment: str
    side: str

    def __post_init__(self) -> None:
        segment_level(self.segment)
        if self.side not in SIDES:
            raise SpineRootError(_("'{side}' is no side (L or R)").format(side=self.side))

    @classmethod
    def parse(cls, text: str) -> Root:
        """The root written as ``L1_L``."""
        segment, _mark, side = text.partition("_")
        return cls(segment, side)

    def __str__(self) -> str:
        return f"{self.segment}_{self.side}"

    def __lt__(self, other: Root) -> bool:
        return self.sort_key < other.sort_key

    @property
    def sort_key(self) -> tuple[int, int]:
        """Cranial before caudal, left before right."""
        return segment_level(self.segment), SIDES.index(self.side)

    @property
    def opposite(self) -> Root:
        """The same segment on the other side."""
        return Root(self.segment, "R" if self.side == "L" else "L")


def all_roots(segments: Sequence[str] = DEFAULT_SEGMENTS) -> tuple[Root, ...]:
    """Every root of the segments: L1_L, L1_R, L2_L ..."""
    return tuple(Root(segment, side) for segment in segments for side in SIDES)


# Seven hues that stay apart for colour-blind readers on both black and white (after Okabe and Ito, 2008,
# lightened for dark backgrounds); further levels repeat them.
_SEGMENT_COLORS = (
    (0.90, 0.62, 0.00),
    (0.34, 0.71, 0.91),
    (0.00, 0.62, 0.45),
    (0.94, 0.89, 0.26),
    (0.15, 0.45, 0.78),
    (0.84, 0.37, 0.00),
    (0.80, 0.47, 0.65),
)
# A level that most people have not is grey, so that the others keep their colours.
_SUPERNUMERARY_COLOR = (0.62, 0.62, 0.62)
_USUAL_SEGMENTS = tuple(segment for segment in SPINAL_SEGMENTS if segment not in SUPERNUMERARY)
_STRUCTURE_COLORS = {DURA: (0.85, 0.80, 0.60), CORD: (0.93, 0.72, 0.62), CSF: (0.55, 0.78, 0.95)}


def color(structure: str, root: Root | None = None) -> tuple[float, float, float]:
    """RGB in 0..1 of a structure, or of a root's segment; the right side is a shade darker than the left."""
    if root is None:
        return _STRUCTURE_COLORS[structure]
    base = _SUPERNUMERARY_COLOR
    if root.segment not in SUPERNUMERARY:
        rank = _USUAL_SEGMENTS.index(root.segment) - _USUAL_SEGMENTS.index("L1")
        base = _SEGMENT_COLORS[rank % len(_SEGMENT_COLORS)]
    shade = 1.0 if root.side == "L" else 0.78
    red, green, blue = (round(channel * shade, 4) for channel in base)
    return red, green, blue
