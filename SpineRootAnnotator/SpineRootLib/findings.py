"""A finding: one thing that is wrong or doubtful in an annotation, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from SpineRootLib.anatomy import Root
from SpineRootLib.frames import Points


class Severity(StrEnum):
    """How much a finding matters: an error is wrong, a warning doubtful, an information merely said."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, eq=False)
class Finding:
    """What a rule found, with the place to jump to.

    Parameters
    ----------
    rule : name of the rule, e.g. ``inside-dura``.
    message : one sentence for the user.
    slice : 1-based slice number.
    value, limit : the measured value and the limit that it broke, in the rule's unit.
    position : (3,) RAS mm.
    """

    severity: Severity
    rule: str
    message: str
    structure: str = ""
    root: Root | None = None
    slice: int | None = None
    value: float | None = None
    limit: float | None = None
    position: Points | None = None
