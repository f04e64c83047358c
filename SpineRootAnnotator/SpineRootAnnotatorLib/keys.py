"""What the annotator can do by a key, in which mode, and by which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from SpineRootLib.translation import _

GANGLIA_MODE, CONTOURS_MODE, ROOTS_MODE, REVIEW_MODE = "ganglia", "contours", "roots", "review"
MODES = (GANGLIA_MODE, CONTOURS_MODE, ROOTS_MODE, REVIEW_MODE)
STOP = "stop"
_ON_SLICES = (CONTOURS_MODE, ROOTS_MODE, REVIEW_MODE)
_EDITING = (GANGLIA_MODE, CONTOURS_MODE, ROOTS_MODE)

# What Slicer's slice views and main window use themselves (Slicer 5.12).
_TAKEN_IN_VIEWS = (
    "B",
    "F",
    "V",
    "R",
    "G",
    "T",
    "S",
    "[",
    "]",
    "{",
    "}",
    "Left",
    "Right",
    "Up",
    "Down",
    "Del",
    "Backspace",
)
_TAKEN_IN_WINDOW = tuple(f"Ctrl+{key}" for key in "FOSWH012345")
TAKEN = frozenset((*_TAKEN_IN_VIEWS, *_TAKEN_IN_WINDOW))


@dataclass(frozen=True)
class Action:
    """One thing that a key does.

    Parameters
    ----------
    name : as the session knows it.
    title : as the annotator reads it.
    key : the key it has unless the annotator chose another.
    modes : where it means something.
    """

    name: str
    title: str
    key: str
    modes: tuple[str, ...] = MODES


# Keys lie under the left hand: the right one stays on the mouse.
ACTIONS = (
    Action("next_slice", _("Next slice (down)"), "D", _ON_SLICES),
    Action("previous_slice", _("Previous slice (up)"), "E", _ON_SLICES),
    Action("next_structure", _("Next root or contour"), "Tab"),
    Action("previous_structure", _("Previous root or contour"), "Shift+Tab"),
    Action("other_side", _("Left / right"), "X", (GANGLIA_MODE, ROOTS_MODE)),
    Action("accept", _("Accept the proposal"), "A", _EDITING),
    Action("accept_run", _("Accept all down to the first in doubt"), "Shift+A", (CONTOURS_MODE, ROOTS_MODE)),
    Action("propose", _("Propose"), "Q", _EDITING),
    Action("snap", _("Snap the point to what it marks"), "W", (GANGLIA_MODE, ROOTS_MODE)),
    Action("copy_neighbour", _("Propose a copy of the neighbouring contour"), "C", (CONTOURS_MODE,)),
    Action("fill_between", _("Propose all contours between drawn ones"), "Shift+C", (CONTOURS_MODE,)),
    Action("delete", _("Delete what is marked here"), "Shift+D", _EDITING),
    Action("uncertain", _("Mark as uncertain"), "U", _EDITING),
    Action("skip", _("Cannot be seen: skip"), "K", _EDITING),
    Action("next_gap", _("Go to the next gap, or where a mark helps most"), "N"),
    Action("toggle_placing", _("Clicks place / clicks drag"), "P", _EDITING),
    Action("hide", _("Hide all annotations while held"), "Space"),
    Action("strip", _("Show or hide the root straightened"), "Z", (ROOTS_MODE, REVIEW_MODE)),
    Action("centre", _("Centre on the thecal sac"), "Shift+E", _ON_SLICES),
    Action(STOP, _("Stop what is going on"), "Esc"),
    Action("undo", _("Undo"), "Ctrl+Z"),
    Action("redo", _("Redo"), "Ctrl+Y"),
    Action("keys", _("Show or hide this page of keys"), "?"),
    Action("ganglia", _("Ganglia"), "1"),
    Action("contours", _("Contours"), "2"),
    Action("roots", _("Roots"), "3"),
    Action("review", _("Review"), "4"),
)


class KeyBindings:
    """Which key does what.

    Parameters
    ----------
    chosen : by name of the action, keys that the annotator chose; unknown names are ignored.
    """

    def __init__(self, chosen: Mapping[str, str] | None = None):
        self._chosen: dict[str, str] = {}
        for name, key in (chosen or {}).items():
            if any(action.name == name for action in ACTIONS) and not self.fault(name, key):
                self._chosen[name] = key

    def key(self, action: Action) -> str:
        """The key of an action."""
        return self._chosen.get(action.name, action.key)

    def action(self, key: str, mode: str) -> Action | None:
        """What a key does in a mode."""
        return next((action for action in self.in_mode(mode) if self.key(action) == key), None)

    def in_mode(self, mode: str) -> Iterable[Action]:
        """The actions that mean something in a mode."""
        return (action for action in ACTIONS if mode in action.modes)

    def is_in_mode(self, name: str, mode: str) -> bool:
        """Whether an action means something in a mode."""
        return any(action.name == name for action in self.in_mode(mode))

    def fault(self, name: str, key: str) -> str:
        """Why a key cannot be given to an action; empty if it can."""
        if not key:
            return _("no key was given")
        if key in TAKEN:
            return _("{key} is used by Slicer itself").format(key=key)
        mine = next(action for action in ACTIONS if action.name == name)
        for other in ACTIONS:
            if other is not mine and self.key(other) == key and set(other.modes) & set(mine.modes):
                return _("{key} is taken by '{other}'").format(key=key, other=other.title)
        return ""

    def choose(self, name: str, key: str) -> str:
        """Give an action another key; the answer is why not, empty if it was done."""
        fault = self.fault(name, key)
        if not fault:
            self._chosen[name] = key
        return fault

    @property
    def chosen(self) -> dict[str, str]:
        """What differs from the defaults, to be remembered."""
        return dict(self._chosen)
