"""Where the annotator was: kept in the sidecar and in a saved scene, and gone back to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpineRootAnnotatorLib.keys import GANGLIA_MODE, MODES, ROOTS_MODE
from SpineRootAnnotatorLib.modes.subject import Subject
from SpineRootLib.anatomy import CONTOUR_STRUCTURES


def place_at_work(subject: Subject) -> dict[str, Any]:
    """Where the annotator is: mode, slice, root, structure, and what is seen of the slice."""
    where = {
        "Mode": subject.mode_name,
        "Slice": subject.number,
        "Root": str(subject.root),
        "Structure": subject.structure,
    }
    return where if subject.view is None else {**where, "View": subject.view.framing}


def remember(subject: Subject) -> None:
    """Keep where the annotator is with the subject."""
    subject.work.remember(**place_at_work(subject))


def resume(subject: Subject, where: Mapping[str, Any]) -> None:
    """Go to where the annotator was last; at the first time to the ganglia, or else to the roots."""
    subject.display.show_ciss()
    subject.display.draw_space()
    roots = {str(root): root for root in subject.annotation.expected_roots()}
    subject.root = roots.get(str(where.get("Root")), subject.root)
    if where.get("Structure") in CONTOUR_STRUCTURES:
        subject.structure = where["Structure"]
    number = where.get("Slice")
    subject.go_to(number if isinstance(number, int) else 1)
    subject.display.frame(where.get("View"))
    begun = bool(where) or not subject.annotation.is_empty
    first = ROOTS_MODE if begun and subject.annotation.planes is not None else GANGLIA_MODE
    mode = where.get("Mode")
    subject.set_mode(mode if mode in MODES else first)
