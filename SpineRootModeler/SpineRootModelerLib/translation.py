"""Slicer's translation, where there is an application that knows the user's language."""

from __future__ import annotations

try:
    from slicer.i18n import tr as _
except ModuleNotFoundError:  # MRML without the application

    def _(text: str) -> str:
        return text


__all__ = ["_"]
