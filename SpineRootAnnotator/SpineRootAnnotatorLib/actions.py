"""What an action of `keys.ACTIONS` does: change the mode, act on the subject in every mode, or as the mode has it."""

from __future__ import annotations

from collections.abc import Callable

from SpineRootAnnotatorLib.keys import MODES
from SpineRootAnnotatorLib.modes.gap_navigation import next_gap
from SpineRootAnnotatorLib.open_subject import OpenSubject

_IN_EVERY_MODE: dict[str, Callable[[OpenSubject], object]] = {
    "next_slice": lambda subject: subject.go_to(subject.number + 1),
    "previous_slice": lambda subject: subject.go_to(subject.number - 1),
    "next_gap": next_gap,
    "undo": OpenSubject.undo,
    "redo": OpenSubject.redo,
    "hide": OpenSubject.toggle_hidden,
    "centre": lambda subject: subject.display.centre(),
    "strip": OpenSubject.toggle_strip,
    "toggle_placing": OpenSubject.toggle_placing,
    "keys": lambda _subject: None,  # the panel shows them
}


def perform(subject: OpenSubject, name: str) -> None:
    """Do an action that means something in the subject's mode."""
    if name in MODES:
        subject.set_mode(name)
    elif name in _IN_EVERY_MODE:
        _IN_EVERY_MODE[name](subject)
    else:
        subject.mode.actions[name]()
