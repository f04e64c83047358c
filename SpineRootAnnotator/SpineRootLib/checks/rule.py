"""What a rule of quality control is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from SpineRootLib.anatomy import Root
from SpineRootLib.checks.limits import Limits
from SpineRootLib.checks.traced import Traced
from SpineRootLib.findings import Finding, Severity
from SpineRootLib.frames import Points


class Rule(ABC):
    """One thing that can be wrong with an annotation; a new rule is a new subclass and its object in `RULES`.

    Attributes
    ----------
    name : as it stands in the report.
    severity : of what breaks it, where `check` does not say otherwise.
    limit : the field of `Limits` that it compares with; None where there is nothing to tune.
    needs : what must be known for it: ``planes``, ``dura``, ``cord``, ``nerveroots``, ``ganglions``.
    """

    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    limit: ClassVar[str | None] = None
    needs: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def title(self) -> str:
        """What is demanded, in a few words of the user's language."""

    @abstractmethod
    def check(self, traced: Traced, limits: Limits) -> Iterator[Finding]:
        """What breaks the rule."""

    def limit_in(self, limits: Limits) -> float:
        """The value of its limit; 0 where it has none."""
        return 0.0 if self.limit is None else float(getattr(limits, self.limit))

    def finding(
        self,
        message: str,
        structure: str,
        root: Root | None = None,
        number: int | None = None,
        value: float | None = None,
        limit: float | None = None,
        position: Points | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule; `number` is the slice."""
        severity = self.severity if severity is None else severity
        return Finding(severity, self.name, message, structure, root, number, value, limit, position)
