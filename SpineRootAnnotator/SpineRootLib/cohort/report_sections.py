"""Sections of the reports: who took part, figures with their intervals, planning, and checks of models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from SpineRootLib.agreement.figure_of_agreement import BETWEEN, AgreementFigure, about, margin_of, pair_title
from SpineRootLib.agreement.program_spread import COLUMNS as SPREAD
from SpineRootLib.agreement.program_spread import ProgramSpread, spread_sentences
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.cohort.page import folded, paragraph, table
from SpineRootLib.statistics.equivalence import EQUIVALENT_BELOW
from SpineRootLib.tables import MISSING

# what of the proposals, and of each structure, is shown at once; all else is folded
_OF_AID = ("unaided_distance", "aided_distance", "pull", "pull_p", "pull_together", "pull_together_p")
_SHOWN = (
    ("distance", "mean_distance", "distance, mm"),
    ("right", "bias", "bias right"),
    ("anterior", "bias", "bias front"),
    ("right", "technical_error", "technical error right"),
    ("anterior", "technical_error", "technical error front"),
    ("right", "smallest_change", "smallest change right"),
    ("anterior", "smallest_change", "smallest change front"),
    ("all places", "marked_by_both", "share marked by both"),
)

_LIMITS = (
    ("right", "limit_low", "from, right"),
    ("right", "limit_high", "to, right"),
    ("anterior", "limit_low", "from, front"),
    ("anterior", "limit_high", "to, front"),
    ("slice", "ellipse_long", "long half axis, mm"),
    ("slice", "ellipse_short", "short"),
    ("slice", "ellipse_direction", "direction, degrees"),
)
# what of all annotators together is shown, and under which heading
_COMPONENTS = {
    "sd_places": "subjects",
    "sd_annotators": "annotators",
    "sd_interaction": "interaction",
    "sd_residual": "along slices",
    "reproducibility": "reproducibility",
    "icc": "ICC(A,1)",
}


def participants_section(
    participants: Mapping[str, Sequence[Mapping[str, Any]]], runs: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Who annotated whom, who was blind to whom, and who is left out and why.

    Parameters
    ----------
    participants : by subject the annotators, as the table of agreement has them beside it.
    """
    if not participants and not runs:
        return
    yield "<h2>Participants, blinding and exclusions</h2>"
    counts: dict[str, list[bool]] = {}
    for each in participants.values():
        for annotator in each:
            counts.setdefault(str(annotator.get("Annotator")), []).append(bool(annotator.get("SignOff")))
    if counts:
        yield table(
            ["annotator", "subjects", "signed off"], [[label, len(each), sum(each)] for label, each in counts.items()]
        )
    blind = [bool(run.get("asked", {}).get("blind", True)) for run in runs]
    if blind and all(blind):
        yield paragraph("No annotator's work was compared before every annotator of the subject had signed off.")
    elif blind:
        open_ones = len(blind) - sum(blind)
        yield paragraph(
            f"In {open_ones} of {len(blind)} subjects work was compared whether or not every annotator had signed off."
        )
    left_out = [run for run in runs if run.get("status") != "done"]
    yield paragraph(f"{len(runs) - len(left_out)} of {len(runs)} subjects are taken; {len(left_out)} are left out.")
    if left_out:
        rows = [[f"sub-{run.get('subject')}", run.get("status"), run.get("message")] for run in left_out]
        yield table(["left out", "result", "why"], rows)


def statistics_section(figures: Sequence[AgreementFigure]) -> Iterator[str]:
    """The figures of agreement: that on unaided marks first, then structure by structure, and all of them folded."""
    if not figures:
        return
    yield "<h2>How reliable the marks are</h2>"
    yield paragraph(
        "Lengths are in mm, with 95 % confidence intervals in brackets. n/a, or no interval: cannot be told; the table "
        "of all figures says why."
    )
    # of different people first, stable otherwise
    figures = sorted(figures, key=lambda each: each.comparison != BETWEEN)
    yield from _aid(figures)
    for annotators, comparison in dict.fromkeys((each.annotators, each.comparison) for each in figures):
        if len(annotators) == 2:
            chosen = [each for each in figures if (each.annotators, each.comparison) == (annotators, comparison)]
            yield f"<h3>{pair_title(annotators, comparison)}</h3>"
            yield _by_structure(chosen, _SHOWN)
            yield folded("Limits of agreement and ellipses", _by_structure(chosen, _LIMITS))
            yield from _equivalence(chosen)
    yield from _components([each for each in figures if each.name in _COMPONENTS])
    yield folded(f"All {len(figures)} figures", table(_ALL, (_row(each) for each in figures)))


def _aid(figures: Sequence[AgreementFigure]) -> Iterator[str]:
    """A row a figure; one for all where none of two annotators' figures of a structure can be told."""
    of_what: dict[tuple[Any, ...], list[AgreementFigure]] = {}
    for each in figures:
        if each.name in _OF_AID:
            name = structure_name(each.structure, each.segment, each.side)
            of_what.setdefault((" and ".join(each.annotators), name), []).append(each)
    rows: list[list[Any]] = []
    for what, own in of_what.items():
        if all(each.estimate.value is None for each in own):
            rows.append([*what, "All", MISSING, own[0].subjects, own[0].places, own[0].estimate.why_not])
            continue
        rows += (
            [*what, about(each.name)[1], str(each), each.subjects, each.places, each.estimate.why_not] for each in own
        )
    if rows:
        yield "<h3>With and without proposals</h3>"
        yield table(["annotators", "marks", "figure", "value", "subjects", "places", "note"], rows)


def _by_structure(figures: Sequence[AgreementFigure], columns: Sequence[tuple[str, str, str]]) -> str:
    """A row a structure, with these figures of it: axis, name and heading each."""
    found: dict[tuple[str, str | None, str | None], dict[tuple[str | None, str], AgreementFigure]] = {}
    for each in figures:
        if each.name not in _OF_AID and each.name != "exchanged":
            found.setdefault((each.structure, each.segment, each.side), {})[each.axis, each.name] = each
    rows = []
    for place, own in found.items():
        distance = own.get(("distance", "mean_distance"))
        counts = [MISSING, MISSING] if distance is None else [distance.subjects, _effective(distance)]
        rows.append([structure_name(*place), *counts, *(str(own.get(key[:2], MISSING)) for key in columns)])
    header = ["structure", "subjects", "effective of places, of distance", *(title for *_key, title in columns)]
    return table(header, rows)


def _equivalence(figures: Sequence[AgreementFigure]) -> Iterator[str]:
    """Whether biases lie within the margins, a row a structure and axis."""
    margins = sorted({margin for each in figures if (margin := margin_of(each.name)) is not None})
    rows: dict[tuple[Any, ...], dict[float, str]] = {}
    for each in figures:
        margin = margin_of(each.name)
        if margin is not None:
            place = structure_name(each.structure, each.segment, each.side), each.axis
            rows.setdefault(place, {})[margin] = _verdict(each)
    if rows:
        header = ["structure", "axis", *(f"within {margin:g} mm" for margin in margins)]
        cells = [[*place, *(own.get(margin, MISSING) for margin in margins)] for place, own in rows.items()]
        yield folded("Equivalence: whether the bias lies within a margin, two one-sided t-tests", table(header, cells))


def _verdict(figure: AgreementFigure) -> str:
    p = figure.estimate.value
    if p is None:
        return MISSING
    told = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return f"{'yes' if p < EQUIVALENT_BELOW else 'not shown'}, {told}"


def _components(figures: Sequence[AgreementFigure]) -> Iterator[str]:
    """What marks vary by, of all annotators together, with the correlation that they make."""
    rows: dict[tuple[str, str | None], dict[str, AgreementFigure]] = {}
    for each in figures:
        name = structure_name(each.structure, each.segment, each.side)
        rows.setdefault((name, each.axis), {})[each.name] = each
    told = {key: own for key, own in rows.items() if any(each.estimate.value is not None for each in own.values())}
    if told:
        yield "<h3>What a mark varies by</h3>"
        yield paragraph(
            "Standard deviations in mm: between subjects, of annotators' biases, of an annotator's shift in one "
            "subject and along slices; all but the first together; and the correlation ICC(A,1), two-way random, "
            "absolute agreement, one annotator. Of two annotators the figures of the pair tell what they differ by."
        )
        header = ["structure", "axis", "effective of places", *_COMPONENTS.values()]
        cells = []
        for (name, axis), own in told.items():
            known = next((each for each in own.values() if each.effective is not None), None)
            effective = MISSING if known is None else _effective(known)
            cells.append([name, axis, effective, *(str(own.get(key, MISSING)) for key in _COMPONENTS)])
        yield table(header, cells)


def _effective(figure: AgreementFigure) -> str:
    return MISSING if figure.effective is None else f"{figure.effective:.0f} of {figure.places}"


def structure_name(structure: str, segment: str | None, side: str | None) -> str:
    """A structure in words: ``root L1 L``, ``ganglion L1 L``, ``dura``."""
    kinds = {ROOTS: "root", GANGLIA: "ganglion"}
    return " ".join(each for each in (kinds.get(structure, structure), segment, side) if each)


_ALL = [
    *("annotators", "comparison", "structure", "axis", "figure", "value", "unit", "subjects", "places"),
    *("effective", "interval by", "note"),
]


def _row(each: AgreementFigure) -> list[Any]:
    name = structure_name(each.structure, each.segment, each.side)
    effective = None if each.effective is None else f"{each.effective:.1f}"
    counts = [each.subjects, each.places, effective, each.estimate.method, each.estimate.why_not]
    told = [" ".join(each.annotators), each.comparison, name, each.axis, each.name, str(each)]
    return [*told, about(each.name)[0], *counts]


def planning_section(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How many subjects and annotators a wanted interval takes."""
    if not rows:
        return
    yield "<h2>Planning</h2>"
    yield paragraph(
        "From this cohort's own components: subjects for an interval of the bias of so much on either side, "
        "and annotators whose mean lies so near to the truth at a place in 95 of 100 cases."
    )
    shown = [
        [row["annotators"], structure_name(row["structure"], row["segment"], row["side"]), row["axis"]]
        + [row["half_width_mm"], row["n_subjects"] or MISSING, row["n_annotators"] or MISSING]
        for row in rows
    ]
    yield folded(f"{len(rows)} wishes", table(["pair", "structure", "axis", "± mm", "subjects", "annotators"], shown))


def programs_section(spreads: Sequence[ProgramSpread]) -> Iterator[str]:
    """Whether programs lie within the annotators' spread, by what rule, and the figures that it rests on."""
    if not spreads:
        return
    yield "<h2>Programs beside the annotators</h2>"
    yield from (paragraph(f"{sentence}.") for sentence in spread_sentences(spreads))
    yield paragraph(f"The rule, {SPREAD['spread'][0]}.")
    header = [
        "program",
        "structure",
        "subjects",
        "from people, mm",
        "people apart, mm",
        "ratio",
        "covers",
        "people cover",
    ]
    yield table([*header, "spread"], (_spread_row(each) for each in spreads))


def _spread_row(each: ProgramSpread) -> list[Any]:
    value, low, high = each.ratio.ends
    ratio = MISSING if value is None else f"{value:.2f}" + ("" if low is None else f" [{low:.2f}, {high:.2f}]")
    apart = [MISSING if mm is None else f"{mm:.2f}" for mm in (each.from_people_mm, each.between_people_mm)]
    shares = [f"{each.coverage:.2f}", f"{each.people_coverage:.2f}"]
    return [each.program, each.name, each.subjects, *apart, ratio, *shares, each.verdict]


def models_section(models: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What the models' own checks say, a row a subject."""
    if not models:
        return
    yield "<h3>Checks of the models</h3>"
    yield table(
        ["subject", "surfaces", "watertight", "places too near", "findings", "largest uncertainty, mm"],
        (_model_row(subject, report) for subject, report in models.items()),
    )


def _model_row(subject: str, report: Mapping[str, Any]) -> list[Any]:
    surfaces = [each for each in dict(report.get("surfaces", {})).values() if isinstance(each, dict)]
    uncertain = [each.get("max_mm") for each in dict(report.get("annotation_uncertainty", {})).values()]
    known = [float(each) for each in uncertain if isinstance(each, int | float)]
    return [
        *(f"sub-{subject}", len(surfaces), sum(bool(each.get("watertight")) for each in surfaces)),
        *(len(report.get("conflicts", ())), len(report.get("findings", ()))),
        f"{max(known):.2f}" if known else MISSING,
    ]


def told_findings(findings: Iterable[Mapping[str, Any]]) -> str:
    """A model's findings as a table."""
    return table(["severity", "what"], ([each.get("severity"), each.get("message")] for each in findings))
