"""What an action of `keys.ACTIONS` does: change the mode, act on the subject in every mode, or as the mode has it."""

from __future__ import annotations

from collections.abc import Callable

from SpineRootAnnotatorLib.keys import MODES
from SpineRootAnnotatorLib.modes.gap_navigation import next_gap
from SpineRootAnnotatorLib.open_subject import OpenSubject
from SpineRootAnnotatorLib.saying import Kind
from SpineRootLib.translation import _

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


# what is done to a mark, which would show or change the first one of a place that is asked for again
_TO_A_MARK = ("accept", "accept_run", "delete", "propose", "snap", "uncertain")


def perform(subject: OpenSubject, name: str) -> None:
    """Do an action that means something in the subject's mode."""
    if name in _TO_A_MARK and subject.place is not None and subject.place == subject.repeats.asked:
        subject.say(_("This place is asked for a second time: click where the root is."), Kind.REFUSED)
    elif name in MODES:
        subject.set_mode(name)
    elif name in _IN_EVERY_MODE:
        _IN_EVERY_MODE[name](subject)
    else:
        subject.mode.actions[name]()
