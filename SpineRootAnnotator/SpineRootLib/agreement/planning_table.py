"""How many subjects or annotators a wanted interval takes, from a cohort's own figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scipy.special import stdtrit

from SpineRootLib.agreement.columns import MEANINGS, OF_FIGURES
from SpineRootLib.agreement.figure_of_agreement import BETWEEN, AgreementFigure
from SpineRootLib.agreement.tables import write_exactly
from SpineRootLib.statistics.estimate import LEVEL
from SpineRootLib.statistics.planning import annotators_for_mean, subjects_for_bias

# mm: a tenth of a CISS slice's distance, a voxel, and half a thin root
HALF_WIDTHS_MM = (0.2, 0.3, 0.5)
PLANNING = (
    *("annotators", "structure", "segment", "side", "axis", "half_width_mm", "n_subjects", "n_annotators"),
    "why_missing",
)
_MEANINGS = {
    **MEANINGS,
    **OF_FIGURES,
    "half_width_mm": ("What an interval of 95 % is wanted to reach on either side", "mm"),
    "n_subjects": ("The fewest subjects for that interval of the bias", None),
    "n_annotators": (
        "The fewest annotators whose mean lies so near to the truth at a place, shared errors aside",
        None,
    ),
}


def planning_rows(figures: Sequence[AgreementFigure]) -> Iterator[dict[str, Any]]:
    """A row a pair, structure, axis and wanted width: from the bias's standard error and the technical error."""
    by_name = {
        (each.annotators, each.structure, each.segment, each.side, each.axis, each.name): each for each in figures
    }
    for key, bias in by_name.items():
        # a repeat tells nothing of other annotators: its technical error is one annotator's alone
        if bias.name != "bias" or bias.comparison != BETWEEN or len(bias.annotators) != 2:
            continue
        error = by_name.get((*key[:5], "technical_error"))
        deviation = _deviation(bias)
        for half_width in HALF_WIDTHS_MM:
            subjects = None if deviation is None else subjects_for_bias(deviation**2, 0.0, 1.0, half_width)
            value = None if error is None else error.estimate.value
            yield {
                "annotators": " ".join(bias.annotators),
                **{each: getattr(bias, each) for each in ("structure", "segment", "side", "axis")},
                "half_width_mm": half_width,
                "n_subjects": subjects,
                "n_annotators": None if value is None else annotators_for_mean(value, half_width),
                "why_missing": None if deviation is not None else bias.estimate.why_not or "one subject only",
            }


def write_planning(path: Path, rows: Sequence[dict[str, Any]]) -> list[Path]:
    """Write the table, and what its columns mean."""
    return write_exactly(path, PLANNING, rows, _MEANINGS)


def _deviation(bias: AgreementFigure) -> float | None:
    """The standard deviation of subjects' biases, as the interval of their mean has it."""
    half = bias.estimate.half_width
    if half is None or bias.subjects < 2:
        return None
    return half / float(stdtrit(bias.subjects - 1, 0.5 + LEVEL / 2)) * math.sqrt(bias.subjects)
