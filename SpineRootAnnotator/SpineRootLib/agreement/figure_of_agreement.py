"""The figures of agreement that are told with an interval: their names, units, meaning, formula and source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from SpineRootLib.statistics.estimate import Estimate

# figure -> its unit, what it is with its formula, and where that comes from
FIGURES: dict[str, tuple[str, str, str]] = {
    "mean_distance": ("mm", "Mean distance of marks of one place, every subject counted alike", "Liu et al. 2024"),
    "bias": ("mm", "Mean difference d of the second annotator from the first", "Bland and Altman 1999"),
    "limit_low": ("mm", "Lower limit of agreement: bias - 1.96 sd", "Bland and Altman 1999; Zou 2013"),
    "limit_high": ("mm", "Upper limit of agreement: bias + 1.96 sd", "Bland and Altman 1999; Zou 2013"),
    "sd": ("mm", "Standard deviation of a single difference, sqrt(sd_subjects² + sd_slices²)", "Zou 2013"),
    "technical_error": ("mm", "Technical error of measurement, sqrt(mean d² / 2)", "Dahlberg 1940"),
    "smallest_change": ("mm", "Smallest detectable change, 1.96 sqrt(2) technical_error", "de Vet et al. 2006"),
    "sd_subjects": ("mm", "Standard deviation of the difference between subjects, by REML", "Searle et al. 1992"),
    "sd_slices": ("mm", "Standard deviation along the slices of a subject, by REML", "Searle et al. 1992"),
    "neighbours": ("", "Correlation of neighbouring slices, phi of phi^|i - j|, by REML", "Searle et al. 1992"),
    "ellipse_long": ("mm", "Long half axis of the ellipse of 95 % of differences in the slice", "chi square, 2"),
    "ellipse_short": ("mm", "Its short half axis", "chi square, 2"),
    "ellipse_direction": ("degrees", "Direction of the long one, from the right towards the front", "chi square, 2"),
    "marked_by_both": ("", "Share of the places that either marked", "counts"),
    "exchanged": ("", "Share of subjects in whom names of roots look exchanged", "Wilson 1927"),
    "sd_places": (
        "mm",
        "Standard deviation between subjects of a root's place from the dura's centre, the subjects' component of icc",
        "McGraw and Wong 1996",
    ),
    "sd_annotators": ("mm", "Standard deviation of annotators' own biases, by REML", "Searle et al. 1992"),
    "sd_interaction": ("mm", "Standard deviation of an annotator's shift in one subject", "Searle et al. 1992"),
    "sd_residual": ("mm", "Standard deviation of a mark about these, along slices", "Searle et al. 1992"),
    "reproducibility": ("mm", "Standard error of measurement, the root of the three squared", "de Vet et al. 2006"),
    "icc": ("", "ICC(A,1): two-way random, absolute agreement, one annotator", "McGraw and Wong 1996"),
    "unaided_distance": ("mm", "Mean distance of marks of one place, where neither annotator saw a proposal", "means"),
    "aided_distance": ("mm", "The same where both saw one", "means"),
    "pull": ("mm", "How much nearer to the proposal marks lie where it was shown", "paired t of subjects' means"),
    "pull_p": ("", "p, one-sided, that there is no such pull", "paired t of subjects' means"),
    "pull_together": ("mm", "How much nearer to each other they lie there", "paired t of subjects' means"),
    "pull_together_p": ("", "p, one-sided, that they do not", "paired t of subjects' means"),
}
# of equivalence tests, one for each margin: equivalent_2mm
_EQUIVALENT = re.compile(r"equivalent_([0-9.]+)mm")
# mm; the larger is the width of a common paddle lead (Liu et al. 2024)
MARGINS_MM = (2.0, 10.0)
COLUMNS = (
    *("annotators", "comparison", "structure", "segment", "side", "axis", "figure", "value", "low", "high", "unit"),
    *("n_subjects", "n_places", "n_effective", "method", "why_missing"),
)
BETWEEN, REPEAT, WITH_PROGRAM = "reproducibility", "repeatability", "program"


@dataclass(frozen=True)
class AgreementFigure:
    """A figure of a structure, as a row of ``..._agreement-statistics.tsv``.

    Parameters
    ----------
    annotators : their labels.
    comparison : of different annotators, of one annotator's repeats, or with a program.
    segment : of a root or ganglion; of several levels together the name of their group.
    axis : right, anterior, inferior; distance; of places a part of the root.
    subjects, places : what it rests on.
    effective : how many independent values tell as much of the mean (Faes et al. 2009).
    """

    annotators: tuple[str, ...]
    comparison: str
    structure: str
    segment: str | None
    side: str | None
    axis: str | None
    name: str
    estimate: Estimate
    subjects: int = 0
    places: int = 0
    effective: float | None = None

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        return {
            "annotators": " ".join(self.annotators),
            **{name: getattr(self, name) for name in ("comparison", "structure", "segment", "side", "axis")},
            "figure": self.name,
            **dict(zip(("value", "low", "high"), self.estimate.ends, strict=True)),
            "unit": about(self.name)[0] or None,
            **{"n_subjects": self.subjects, "n_places": self.places, "n_effective": self.effective},
            "method": self.estimate.method or None,
            "why_missing": self.estimate.why_not or None,
        }

    def __str__(self) -> str:
        """Value and interval: ``0.31 [0.22, 0.40]``."""
        value, low, high = self.estimate.ends
        if value is None:
            return "n/a"
        return f"{value:z.2f}" if low is None or high is None else f"{value:z.2f} [{low:z.2f}, {high:z.2f}]"


def pair_title(annotators: Sequence[str], comparison: str) -> str:
    """What two annotations are compared for: ``From A to B``."""
    what = {REPEAT: "Repeatability of", WITH_PROGRAM: "With a program, from"}.get(comparison, "From")
    return f"{what} {annotators[0]} to {annotators[1]}"


def equivalence(margin_mm: float) -> str:
    """The name of the figure that tells whether a bias is within a margin."""
    return f"equivalent_{margin_mm:g}mm"


def margin_of(name: str) -> float | None:
    """The margin, mm, that a figure of equivalence is about; None for any other."""
    found = _EQUIVALENT.fullmatch(name)
    return None if found is None else float(found[1])


def about(name: str) -> tuple[str, str, str]:
    """A figure's unit, what it is with its formula, and where that comes from."""
    margin = margin_of(name)
    if margin is None:
        return FIGURES[name]
    return "", f"p that the bias is not within {margin:g} mm, two one-sided t-tests", "Schuirmann 1987"


def described_figures(names: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Each figure's name, also of these that are there, and what it is, with its source."""
    for name in dict.fromkeys([*FIGURES, *names]):
        _unit, text, source = about(name)
        yield name, f"{text} ({source})"
