"""What annotators drawn at random differ by: the components of a mark and their total, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootLib.statistics.estimate import Estimate
from SpineRootLib.statistics.recovered_intervals import root_of, scaled, sum_of, variance_interval
from SpineRootLib.statistics.variance_components import AnnotatorComponents

METHOD = "REML, Graybill and Wang 1980"


@dataclass(frozen=True)
class AnnotatorSpread:
    """Standard deviations of annotators' marks.

    Parameters
    ----------
    annotators : of their own biases; not told of two, whose one difference is a single degree of freedom.
    interaction : of what an annotator shifts in one subject; not told of one subject.
    residual : along slices, about these.
    reproducibility : of all together: the standard error of measurement.
    """

    annotators: Estimate
    interaction: Estimate
    residual: Estimate
    reproducibility: Estimate


def annotator_spread(parts: AnnotatorComponents) -> AnnotatorSpread:
    """Standard deviations with their intervals, from mean squares whose expectations add up to the components.

    Source: Graybill and Wang, J. American Statistical Association 75 (1980) 869, for the total; for differences of mean
    squares Ting et al., J. Statistical Computation and Simulation 35 (1990) 135, as MOVER has it. De Vet et al.,
    J. Clinical Epidemiology 59 (2006) 1033, for the standard error of measurement.
    """
    m, k = parts.subjects, parts.annotators
    of_annotators = variance_interval(parts.annotator + parts.mean_variance, k - 1)
    of_subjects = variance_interval(parts.interaction + parts.residual / parts.effective, max((m - 1) * (k - 1), 1))
    # independent squares, as `SliceSeries.effective_number_of_squares` has them, less the shifts
    squares = (k - 1) * (parts.places * (1 - parts.phi**2) / (1 + parts.phi**2) - m)
    residual = variance_interval(parts.residual, max(squares, 1.0))
    total = of_annotators
    if m > 1:
        total = sum_of(total, scaled(of_subjects, 1 - 1 / m))
    total = sum_of(total, scaled(residual, max(1 - 1 / parts.effective, 0.0)))
    annotators = sum_of(of_annotators, scaled(of_subjects, -1 / m))
    interaction = sum_of(of_subjects, scaled(residual, -1 / parts.effective))
    two = "two annotators only: "
    return AnnotatorSpread(
        _root(annotators) if k > 2 else Estimate.missing(f"{two}their bias stands in the row of the pair"),
        _root(interaction) if m > 1 else Estimate.missing("one subject: no interaction can be told"),
        _root(residual),
        _root(total) if k > 2 else Estimate.missing(f"{two}see their technical_error"),
    )


def _root(variance: Estimate) -> Estimate:
    return root_of(variance, METHOD)
