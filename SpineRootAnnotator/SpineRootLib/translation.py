"""The translation of what a user reads: none until a program that has one sets it, as the panels set Slicer's."""

from __future__ import annotations

import sys
from collections.abc import Callable

__all__ = ["_", "set_translator"]

# gets a text and the path of the source file that it stands in: Slicer's catalogues have a context a file
Translator = Callable[[str, str], str]
_translator: Translator | None = None


def set_translator(translator: Translator | None) -> None:
    """Translate by a function of the text and the path of its source file; None for not at all."""
    global _translator
    _translator = translator


def _(text: str) -> str:
    """The text in the user's language. Placeholders are filled in afterwards, with ``format``."""
    if _translator is None:
        return text
    return _translator(text, sys._getframe(1).f_code.co_filename)
