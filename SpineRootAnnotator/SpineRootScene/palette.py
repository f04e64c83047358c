"""The colours of light models: one table, so that lines of all structures fit in one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from SpineRootLib.anatomy import CONTOUR_STRUCTURES, ROOTS, Root, all_roots, color

# Slicer's slice views draw a model's own colours only through a colour table.
_GHOST = 0.45
_ACTIVE = (1.0, 1.0, 1.0)


class Palette:
    """Index and colour of each structure and root, in full, and dimmed for what is on a neighbouring slice."""

    def __init__(self, segments: Sequence[str]):
        self._keys: list[Any] = [None, *CONTOUR_STRUCTURES, *all_roots(segments)]
        full = [_ACTIVE, *(color(name) for name in CONTOUR_STRUCTURES), *(color(ROOTS, r) for r in all_roots(segments))]
        self.colors = [*full, *(tuple(_GHOST * channel for channel in rgb) for rgb in full)]
        self._index = {key: number for number, key in enumerate(self._keys)}

    @property
    def active(self) -> int:
        """Index of the colour of what is being edited."""
        return 0

    def of(self, key: str | Root, ghost: bool = False) -> int:
        """Index of the colour of a structure's contours or of a root."""
        return self._index[key] + (len(self._keys) if ghost else 0)

    def fill(self, table: Any) -> None:
        """Write the colours into a colour table node."""
        table.SetTypeToUser()
        table.SetNumberOfColors(len(self.colors))
        for number, rgb in enumerate(self.colors):
            table.SetColor(number, *rgb, 1.0)
