"""Traced roots as lines of points that each know their radius and how sure they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import ROOTS, SIDES, Root, segment_level
from SpineRootLib.annotation import Annotation
from SpineRootLib.frames import Points
from SpineRootLib.labels import LabelSettings
from SpineRootLib.place import Place
from SpineRootLib.tables import Meaning

# of a point of which nothing tells how sure it is
UNKNOWN = -1.0
COLUMNS: dict[str, Meaning] = {
    "segment": ("Level of the root", None),
    "side": ("The subject's own side, L or R", None),
    "slice": ("CISS slice from the head down, from 1", None),
    "x_mm": ("To the right (RAS)", "mm"),
    "y_mm": ("To the front (RAS)", "mm"),
    "z_mm": ("To the head (RAS)", "mm"),
    "radius_mm": ("Radius of the root", "mm"),
    "confidence": (
        "1 where a person marked, accepted or corrected it, half of that where it is flagged as uncertain; of a "
        "proposal the probability that it is right; n/a where nothing tells",
        None,
    ),
}


@dataclass(frozen=True, eq=False)
class RootLine:
    """The points of a root, from cranial to caudal.

    Parameters
    ----------
    points : (n, 3) RAS mm.
    slices, radius_mm, confidence : (n,); confidence from 0 to 1, `UNKNOWN` where nothing tells.
    """

    root: Root
    points: Points
    slices: NDArray[np.int64]
    radius_mm: NDArray[np.float64]
    confidence: NDArray[np.float64]

    @property
    def level(self) -> int:
        """Rank of its segment from the head down, C1 being 0."""
        return segment_level(self.root.segment)

    @property
    def side(self) -> int:
        """0 left, 1 right."""
        return SIDES.index(self.root.side)

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row a point; see `COLUMNS`."""
        for number, point, radius, sure in zip(self.slices, self.points, self.radius_mm, self.confidence, strict=True):
            yield {
                "segment": self.root.segment,
                "side": self.root.side,
                "slice": int(number),
                **dict(zip(("x_mm", "y_mm", "z_mm"), map(float, point), strict=True)),
                "radius_mm": float(radius),
                "confidence": None if sure == UNKNOWN else float(sure),
            }


def root_lines(annotation: Annotation, settings: LabelSettings | None = None) -> list[RootLine]:
    """The roots of two points or more, by level and side.

    Parameters
    ----------
    settings : how thick roots are.
    """
    settings = settings or LabelSettings()
    lines = []
    for root in sorted(annotation.roots):
        by_slice = annotation.root_by_slice(root)
        if len(by_slice) < 2:
            continue
        records = [annotation.provenance.at(Place(ROOTS, root, number)) for number in by_slice]
        radius = np.full(len(by_slice), settings.radius_of(root))
        sure = np.array([_confidence(record) for record in records])
        lines.append(RootLine(root, np.array(list(by_slice.values())), np.array(list(by_slice)), radius, sure))
    return lines


def _confidence(record: dict[str, Any]) -> float:
    flags, told = record.get("Flags", []), record.get("Confidence")
    if "proposed" in flags:
        return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else UNKNOWN
    return 0.5 if "uncertain" in flags else 1.0
