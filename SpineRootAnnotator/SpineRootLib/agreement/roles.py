"""Whose an annotation is: a person's first one, a repeat of it, a program's, or nobody's; subject by subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SpineRootLib.agreement.marked_places import repeats
from SpineRootLib.agreement.raters import CONSENSUS, TRUTH, Raters

# a participant, ``sub-01``, and an annotator's label
InSubject = tuple[str, str]


@dataclass(frozen=True)
class Roles:
    """Who is no other annotator, of one subject or of a cohort.

    Parameters
    ----------
    programs : whose marks there all came of label maps. A label may be a program's in one subject and, worked on since,
        a person's in the next.
    repeats : who repeats an annotation that is compared as well.
    people : the labels that are a person's in any subject.
    """

    programs: frozenset[InSubject] = frozenset()
    repeats: frozenset[InSubject] = frozenset()
    people: frozenset[str] = frozenset()

    @classmethod
    def of(cls, raters: Raters) -> Roles:
        """Those of one subject's annotators."""
        participant, programs = f"sub-{raters.subject}", set(raters.programs)
        return cls(
            frozenset((participant, label) for label in programs),
            frozenset((participant, label) for label in repeats(raters)),
            frozenset(set(raters.labels) - programs),
        )

    @classmethod
    def of_cohort(cls, participants: Mapping[str, Sequence[Mapping[str, Any]]]) -> Roles:
        """Those of a cohort.

        Parameters
        ----------
        participants : by subject who annotated, as the tables of agreement have it beside them.
        """
        every = [(f"sub-{subject}", each) for subject, those in participants.items() for each in those]
        named = [(participant, str(each.get("Annotator")), each) for participant, each in every]
        return cls(
            frozenset((participant, label) for participant, label, each in named if each.get("Program") is True),
            frozenset((participant, label) for participant, label, each in named if each.get("RepeatOf")),
            frozenset(label for _participant, label, each in named if each.get("Program") is not True),
        )

    @property
    def program_labels(self) -> frozenset[str]:
        """The labels that are no person's in any subject."""
        return frozenset(label for _participant, label in self.programs) - self.people

    def is_program(self, participant: str, label: str) -> bool:
        """Whether a program marked it all."""
        return (participant, label) in self.programs

    def is_persons(self, participant: str, label: str) -> bool:
        """Whether it is a person's first annotation: a repeat is no other person, a consensus is nobody's."""
        where = participant, label
        return label not in (CONSENSUS, TRUTH) and where not in self.programs and where not in self.repeats

    def left_out(self, participant: str) -> frozenset[str]:
        """The labels that are a program's there and a person's elsewhere: these two are not told of together."""
        return frozenset(label for where, label in self.programs if where == participant and label in self.people)
