"""Slicer's link between slice views, made for as long as two images are read side by side."""

from __future__ import annotations

from typing import Any

import slicer


class SliceLink:
    """Links slice views, and gives them back to the user as they were.

    Parameters
    ----------
    names : layout names of views in the same orientation.
    """

    def __init__(self, *names: str):
        self._names = names
        self._before: dict[Any, tuple[int, int]] = {}

    def link(self) -> None:
        """From now on what is scrolled, moved or zoomed in one is in the others."""
        for name in self._names:
            logic = slicer.app.applicationLogic().GetSliceLogicByLayoutName(name)
            composite = None if logic is None else logic.GetSliceCompositeNode()
            if composite is not None and composite not in self._before:
                self._before[composite] = (composite.GetLinkedControl(), composite.GetHotLinkedControl())
                composite.SetLinkedControl(True)
                composite.SetHotLinkedControl(True)

    def give_back(self) -> None:
        """As the user had them."""
        for composite, (linked, hot) in self._before.items():
            composite.SetLinkedControl(linked)
            composite.SetHotLinkedControl(hot)
        self._before.clear()
