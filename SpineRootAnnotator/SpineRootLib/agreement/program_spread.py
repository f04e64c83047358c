"""Whether a program lies within the annotators' spread: its distance from people beside theirs from each other.

The rule, for each level of roots, and for dura and cord: of every subject the mean distance of the program from people
is divided by the mean distance between people. The program is *within the spread* where the interval of 95 % of the
geometric mean of these ratios ends at `SpreadSettings.margin` or before, and it marks nearly as many of people's places
as people do of each other's. It is *beyond* where the interval begins above 1, or it leaves more out. Else that cannot
be told.

The ratio is the inverse of the index of Williams, Biometrics 32 (1976) 619, as Chalana and Kim, IEEE Transactions on
Medical Imaging 16 (1997) 642, have it for distances; its interval is that of a t-test of its logarithm over subjects.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.roles import Roles
from SpineRootLib.anatomy import GANGLIA, SPINAL_SEGMENTS, SUPERNUMERARY
from SpineRootLib.statistics.estimate import LEVEL, Estimate
from SpineRootLib.tables import MISSING, Meaning

WITHIN, BEYOND, UNTOLD = "within", "beyond", "not told"


@dataclass(frozen=True)
class SpreadSettings:
    """What counts as within the spread.

    Parameters
    ----------
    margin : so many times as far from people as they are from each other is as good as a person; by eye.
    fewer : by so much the share of places that are marked may be lower than people's; by eye.
    fewest : subjects; of fewer there is no interval.
    """

    margin: float = 1.25
    fewer: float = 0.1
    fewest: int = 3


COLUMNS: dict[str, Meaning] = {
    "program": ("Label of the program, whose marks all come of label maps", None),
    "structure": ("nerveroots, dura or cord", None),
    "segment": ("Level of the roots, both sides together", None),
    "n_subjects": ("Subjects that the program and two people or more marked", None),
    "from_people_mm": ("Mean over subjects of the program's mean distance from people", "mm"),
    "between_people_mm": ("Mean over subjects of people's mean distance from each other", "mm"),
    "ratio": ("Geometric mean over subjects of the first by the second", None),
    "ratio_low": ("Lower end of its interval of 95 %, from t of the logarithms", None),
    "ratio_high": ("Upper end of that interval", None),
    "coverage": ("Share of people's places that the program marked", None),
    "people_coverage": ("Share of people's places that another person marked", None),
    "spread": (
        f"within: the interval ends at {SpreadSettings.margin:g} or before, and coverage is at most "
        f"{SpreadSettings.fewer:g} below people's; beyond: the interval begins above 1, or coverage is lower; else not "
        "told",
        None,
    ),
    "why_missing": ("Why there is no interval", None),
}


@dataclass(frozen=True)
class ProgramSpread:
    """How a program stands at one structure.

    Parameters
    ----------
    segment : of roots their level.
    ratio : how many times as far from people as they are from each other.
    coverage, people_coverage : shares of people's places that the program, and another person, marked.
    """

    program: str
    structure: str
    segment: str | None
    subjects: int
    from_people_mm: float | None
    between_people_mm: float | None
    ratio: Estimate
    coverage: float
    people_coverage: float
    settings: SpreadSettings = field(default_factory=SpreadSettings)

    @property
    def name(self) -> str:
        """The level, or dura or cord."""
        return self.segment or self.structure

    @property
    def verdict(self) -> str:
        """Whether it is within the spread, beyond it, or that cannot be told."""
        if self.coverage < self.people_coverage - self.settings.fewer:
            return BEYOND
        if self.ratio.low is None or self.ratio.high is None:
            return UNTOLD
        if self.ratio.high <= self.settings.margin:
            return WITHIN
        return BEYOND if self.ratio.low > 1.0 else UNTOLD

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        value, low, high = self.ratio.ends
        return {
            **{name: getattr(self, name) for name in ("program", "structure", "segment")},
            "n_subjects": self.subjects,
            **{name: getattr(self, name) for name in ("from_people_mm", "between_people_mm")},
            **{"ratio": value, "ratio_low": low, "ratio_high": high},
            **{"coverage": self.coverage, "people_coverage": self.people_coverage},
            **{"spread": self.verdict, "why_missing": self.ratio.why_not or None},
        }


@dataclass
class _Sums:
    """Of one structure of one subject the pairs with a program, or those of people.

    Parameters
    ----------
    total : sum of the distances, mm.
    matched, places : how many of people's places the other marked, and how many they are. Of two people each is asked
        for the other's.
    """

    total: float = 0.0
    matched: int = 0
    places: int = 0

    @property
    def mean(self) -> float:
        """Mean distance, mm; NaN for none."""
        return self.total / self.matched if self.matched else math.nan

    def add(self, row: Mapping[str, Any], program: str | None) -> None:
        """Count a row of two people, or of a person and a program."""
        matched = int(row["n_matched"])
        for label, lacking in ((row["annotator_a"], row["n_only_a"]), (row["annotator_b"], row["n_only_b"])):
            if label != program:
                self.total += matched * float(row["mean_mm"]) if matched else 0.0
                self.matched += matched
                self.places += matched + int(lacking)


class ProgramSpreads:
    """Adds up the rows of ``..._agreement.tsv`` as they pass; they are not kept.

    Parameters
    ----------
    roles : who is a program, and who no person: a pair of two programs tells nothing, nor does one with a repeat, a
        consensus or a truth.
    """

    def __init__(self, roles: Roles, settings: SpreadSettings | None = None):
        self._settings = settings or SpreadSettings()
        # by structure and subject
        self._people: dict[tuple[str, str], _Sums] = {}
        self._programs: dict[str, dict[tuple[str, str], _Sums]] = {}
        self._roles = roles

    def passed(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows, of several subjects with their ``participant_id``, each counted as it passes."""
        for row in rows:
            self.add(row)
            yield row

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row."""
        participant, labels = str(row["participant_id"]), (row["annotator_a"], row["annotator_b"])
        programs = [label for label in labels if self._roles.is_program(participant, label)]
        people = [label for label in labels if self._roles.is_persons(participant, label)]
        if row["structure"] == GANGLIA or not people or len(people) + len(programs) < 2:
            return
        name = row["structure"] if row["segment"] in (None, MISSING) else f"{row['structure']} {row['segment']}"
        program = programs[0] if programs else None
        sums = self._people if program is None else self._programs.setdefault(program, {})
        sums.setdefault((name, participant), _Sums()).add(row, program)

    def found(self) -> list[ProgramSpread]:
        """How each program stands at each structure that two people marked, roots by level first."""
        spreads = []
        for program, own in sorted(self._programs.items()):
            for name in sorted({name for name, _subject in own}, key=_rank):
                keys = [key for key in sorted(own) if key[0] == name and key in self._people]
                both = [(own[key], self._people[key]) for key in keys if self._people[key].places]
                if both:
                    spreads.append(_spread(program, name, both, self._settings))
        return spreads


def of_one_subject(rows: Iterable[Mapping[str, Any]], raters: Raters) -> list[ProgramSpread]:
    """How each program stands in one subject: distances, without an interval."""
    spreads = ProgramSpreads(Roles.of(raters))
    for row in rows:
        spreads.add({**row, "participant_id": f"sub-{raters.subject}"})
    return spreads.found()


def spread_lines(spreads: Sequence[ProgramSpread]) -> Iterator[str]:
    """A line a structure: how far a program lies from people, and these from each other."""
    for each in spreads:
        if each.ratio.value is not None:
            apart = f"{each.from_people_mm:.2f} mm from people, who are {each.between_people_mm:.2f} mm apart"
            covers = f"marks {each.coverage:.0%} of their places, people {each.people_coverage:.0%} of each other's"
            yield f"{each.program}, {each.name}: {apart}; {covers}"


def spread_sentences(spreads: Sequence[ProgramSpread]) -> Iterator[str]:
    """A sentence a program: ``unet lies within the annotators' spread for L1-L4; for S2 that cannot be told``."""
    for program, group in itertools.groupby(spreads, key=lambda each: each.program):
        names: dict[str, list[str]] = {}
        for each in group:
            names.setdefault(each.verdict, []).append(each.name)
        lies = [
            f"{each} the annotators' spread for {_ranges(names[each])}" for each in (WITHIN, BEYOND) if each in names
        ]
        untold = _ranges(names[UNTOLD]) if UNTOLD in names else ""
        if not lies:
            yield f"whether {program} lies within the annotators' spread cannot be told for {untold}"
            continue
        yield f"{program} lies {' and '.join(lies)}" + (f"; for {untold} that cannot be told" if untold else "")


def _spread(program: str, name: str, both: Sequence[tuple[_Sums, _Sums]], settings: SpreadSettings) -> ProgramSpread:
    """How a program stands by its sums and people's, subject by subject."""
    far, near = (np.array([each.mean for each in side]) for side in zip(*both, strict=True))
    known = (far > 0) & (near > 0)
    covered, people_covered = (
        sum(each.matched for each in side) / max(sum(each.places for each in side), 1)
        for side in zip(*both, strict=True)
    )
    structure, _space, segment = name.partition(" ")
    return ProgramSpread(
        program,
        structure,
        segment or None,
        subjects=int(known.sum()),
        from_people_mm=float(far[known].mean()) if known.any() else None,
        between_people_mm=float(near[known].mean()) if known.any() else None,
        ratio=_ratio(np.log(far[known] / near[known]), settings),
        coverage=covered,
        people_coverage=people_covered,
        settings=settings,
    )


def _ratio(logs: np.ndarray, settings: SpreadSettings) -> Estimate:
    if not len(logs):
        return Estimate.missing("no places that both marked")
    middle = float(logs.mean())
    if len(logs) < settings.fewest:
        return Estimate(math.exp(middle), why_not=f"fewer than {settings.fewest} subjects")
    # SciPy takes longer to import than all else here
    from scipy.special import stdtrit

    reach = float(stdtrit(len(logs) - 1, 0.5 + LEVEL / 2) * logs.std(ddof=1) / math.sqrt(len(logs)))
    return Estimate(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach), "t of logarithms")


def _rank(name: str) -> tuple[int, str]:
    segment = name.partition(" ")[2]
    return (SPINAL_SEGMENTS.index(segment) if segment else len(SPINAL_SEGMENTS), name)


def _ranges(names: Sequence[str]) -> str:
    """Levels that follow each other as a range: ``L1-L4, S1 and dura``."""
    runs: list[list[str]] = []
    for name in names:
        before = runs[-1][-1] if runs else ""
        follows = name in SPINAL_SEGMENTS and before in SPINAL_SEGMENTS and _is_next(before, name)
        if follows:
            runs[-1].append(name)
        else:
            runs.append([name])
    words = [run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _is_next(before: str, name: str) -> bool:
    """Whether no level that could be annotated lies between; T13 and L6 are there in few people."""
    between = SPINAL_SEGMENTS[SPINAL_SEGMENTS.index(before) + 1 : SPINAL_SEGMENTS.index(name)]
    return all(each in SUPERNUMERARY for each in between)
