"""The methods in words, with formulas, sources and versions: text that can go into a paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from SpineRootLib.agreement.figure_of_agreement import AgreementFigure, about
from SpineRootLib.cohort.page import paragraph, table
from SpineRootLib.hidden_repeats import is_hidden
from SpineRootLib.statistics.cluster_bootstrap import BootstrapSettings
from SpineRootLib.surfaces.report import software

_MARKS = (
    "Nerve roots were marked as one point a root and slice, ganglia as one point, dura and cord as closed "
    "curves. Marks of two annotators correspond where they lie on the same slice of the CISS image; their "
    "distance is Euclidean in three dimensions, that of two curves the mean of the distances from the "
    "points of either to the other."
)
_SERIES = (
    "Differences were resolved along the axes of the slice. Those of a root in one subject were treated as "
    "one series, with a shift of the subject and a residual whose correlation decays with the number of "
    "slices between them; components were estimated by restricted maximum likelihood. Neighbouring slices "
    "are therefore not counted as independent, and the effective number of independent values is given."
)
_INTERVALS = (
    "All intervals are of 95 %. Those of biases use Student's t over subjects; those of limits of "
    "agreement, technical error and smallest detectable change are recovered from the intervals of their "
    "parts; those of mean distances and of coverage come from {resamples} studentised bootstrap samples of "
    "whole subjects, {fewest} or more, as do all figures over several levels. Whether a bias lies within a margin is "
    "tested by two one-sided t-tests at 5 % each. The intraclass correlation is ICC(A,1), two-way random with absolute "
    "agreement, of subjects' mean places relative to the dura; it is told with the components that it is made of."
)
_HIDDEN = (
    "Some slices of each root, drawn by chance, were asked for a second time later in the session, without the first "
    "mark and without a proposal. The differences of the two tell an annotator's repeatability; where a proposal was "
    "shown for the first mark they hold its effect as well, and are told without it by those of unaided marks."
)
_AID = (
    "A share of slices and whole roots was drawn by chance, the same for all annotators, on which no "
    "proposal was shown. The pull is how much nearer to the proposal marks lie where it was shown, root by "
    "root and annotator by annotator, compared within subjects and tested over subjects."
)
_ACCEPTED = "In {count} of {all} subjects disagreements above the limit were averaged without having been settled."


def methods_section(figures: Sequence[AgreementFigure], runs: Sequence[Mapping[str, Any]] = ()) -> Iterator[str]:
    """Methods, formulas and versions."""
    yield "<h2>Methods</h2>"
    yield from (paragraph(text) for text in methods_text(figures, runs))
    names = dict.fromkeys(each.name for each in figures)
    if names:
        yield table(["figure", "what it is", "source"], ([name, *about(name)[1:]] for name in names))
    yield "<h3>Versions</h3>"
    yield table(["software", "version"], software().items())


def methods_text(figures: Sequence[AgreementFigure], runs: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """The paragraphs of a methods section, of what was in fact done."""
    texts = [_MARKS]
    if figures:
        settings = BootstrapSettings()
        texts += [_SERIES, _INTERVALS.format(resamples=settings.resamples, fewest=settings.fewest)]
    if any(each.name == "pull" and each.estimate.value is not None for each in figures):
        texts.append(_AID)
    if any(is_hidden(label) for each in figures for label in each.annotators):
        texts.append(_HIDDEN)
    accepted = sum(bool(run.get("asked", {}).get("accept")) for run in runs)
    if accepted:
        texts.append(_ACCEPTED.format(count=accepted, all=len(runs)))
    return texts
