"""Where the annotator was: kept in the sidecar, and gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpineRootAnnotatorLib.keys import GANGLIA_MODE, ROOTS_MODE
from SpineRootLib.anatomy import CONTOUR_STRUCTURES

if TYPE_CHECKING:
    from SpineRootAnnotatorLib.open_subject import OpenSubject


def remember(subject: OpenSubject) -> None:
    """Keep where the annotator is."""
    where = {"Mode": subject.mode.name, "Slice": subject.number, "Root": str(subject.root)}
    subject.work.remember(**where, Structure=subject.structure)


def resume(subject: OpenSubject) -> None:
    """Go to where the annotator was last; at the first time to the ganglia, or else to the roots."""
    where = subject.work.resume_point
    subject.display.show_ciss()
    subject.display.draw_space()
    roots = {str(root): root for root in subject.annotation.expected_roots()}
    subject.root = roots.get(str(where.get("Root")), subject.root)
    if where.get("Structure") in CONTOUR_STRUCTURES:
        subject.structure = where["Structure"]
    number = where.get("Slice")
    subject.go_to(number if isinstance(number, int) else 1)
    subject.display.centre()
    begun = bool(where) or not subject.annotation.is_empty
    first = ROOTS_MODE if begun and subject.annotation.planes is not None else GANGLIA_MODE
    mode = where.get("Mode")
    subject.set_mode(mode if mode in subject.modes else first)
    subject.pauses.opened()
