"""Edits as objects that can be undone and done again, without limit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from SpineRootAnnotatorLib.work.marks import Mark, write_mark
from SpineRootLib.annotation import Annotation
from SpineRootLib.place import Place


@dataclass(frozen=True, eq=False)
class Edit:
    """One place that changed: what was marked there, and what is now; None for nothing."""

    place: Place
    before: Mark | None
    after: Mark | None

    @property
    def marks(self) -> bool:
        """Whether it puts a mark there, or moves the one that is there."""
        if self.after is None or not len(self.after.points):
            return False
        return self.before is None or not np.array_equal(self.before.points, self.after.points)

    def apply(self, annotation: Annotation) -> None:
        """Do it."""
        write_mark(annotation, self.place, self.after)

    def revert(self, annotation: Annotation) -> None:
        """Undo it."""
        write_mark(annotation, self.place, self.before)


@dataclass(frozen=True, eq=False)
class Step:
    """Edits that the annotator made, undoes and redoes as one."""

    edits: tuple[Edit, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it happened."""
        return tuple(edit.place for edit in self.edits)

    @property
    def marks(self) -> bool:
        """Whether it puts a mark anywhere, or moves one."""
        return any(edit.marks for edit in self.edits)

    def apply(self, annotation: Annotation) -> None:
        """Do all of it."""
        for edit in self.edits:
            edit.apply(annotation)

    def revert(self, annotation: Annotation) -> None:
        """Undo all of it, last first."""
        for edit in reversed(self.edits):
            edit.revert(annotation)


@dataclass
class History:
    """The steps that were done, and those that were undone and can be done again."""

    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)

    def do(self, step: Step, annotation: Annotation) -> None:
        """Do a new step; what was undone before is forgotten."""
        step.apply(annotation)
        self.done.append(step)
        self.undone.clear()

    def undo(self, annotation: Annotation) -> Step | None:
        """Undo the last step and say which it was; None if there is none."""
        if not self.done:
            return None
        step = self.done.pop()
        step.revert(annotation)
        self.undone.append(step)
        return step

    def redo(self, annotation: Annotation) -> Step | None:
        """Do the last undone step again and say which it was; None if there is none."""
        if not self.undone:
            return None
        step = self.undone.pop()
        step.apply(annotation)
        self.done.append(step)
        return step
