"""Slicer's translation for all texts of the extension, those of the domain among them."""

from __future__ import annotations

import string
import sys

from SpineRootLib.translation import set_translator


def use_slicer_translation() -> None:
    """Have texts translated by Slicer; nothing happens outside of it, or where its package has no translation."""
    if "slicer" not in sys.modules:  # in Slicer it is there before any module is
        return
    try:
        from slicer.i18n import getContext, translate
    except ImportError:
        return

    def translated(text: str, source_file: str) -> str:
        translation = str(translate(getContext(source_file), text))
        return translation if _placeholders(translation) == _placeholders(text) else text

    set_translator(translated)


def _placeholders(text: str) -> set[str] | None:
    """The names between braces that ``format`` will fill; None where it could not read the text."""
    try:
        return {name for _literal, name, _format, _conversion in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None
