"""Statistics of measurement, against closed forms, dense matrices and, where they are installed, other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from SpineRootLib.statistics.annotator_spread import annotator_spread
from SpineRootLib.statistics.cluster_bootstrap import BootstrapSettings, bootstrap_interval, resampled, standard_error
from SpineRootLib.statistics.clustered_limits import clustered_limits
from SpineRootLib.statistics.ellipse import limits_ellipse
from SpineRootLib.statistics.equivalence import equivalent_within
from SpineRootLib.statistics.estimate import REACH
from SpineRootLib.statistics.intraclass import two_way
from SpineRootLib.statistics.limits_of_agreement import limits_of_agreement, mean_along_slices
from SpineRootLib.statistics.planning import annotators_for_mean, subjects_for_bias
from SpineRootLib.statistics.recovered_intervals import sum_of, variance_interval
from SpineRootLib.statistics.slice_series import SliceSeries
from SpineRootLib.statistics.variance_components import FitSettings, fit_annotators, fit_series, helmert, precision

Array = NDArray[np.float64]
# Subjects, annotators and ratings of Shrout and Fleiss, Psychological Bulletin 86 (1979) 420, table 2.
SHROUT = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


def study(seed: int = 1, subjects: int = 8, phi: float = 0.6) -> SliceSeries:
    """Differences of two annotators: bias 0.3, subjects' shifts 0.4, residual 0.5, some slices missing."""
    rng = np.random.default_rng(seed)
    values, slices, series = [], [], []
    for subject in range(subjects):
        noise = rng.normal(0, 0.5, 30)
        for index in range(1, 30):
            noise[index] = phi * noise[index - 1] + math.sqrt(1 - phi**2) * noise[index]
        there = np.flatnonzero(rng.random(30) > 0.15)
        values.append(0.3 + rng.normal(0, 0.4) + noise[there])
        slices.append(there)
        series.append(np.full(len(there), subject))
    return SliceSeries.sorted(np.concatenate(values), np.concatenate(slices), np.concatenate(series))


def dense(series: SliceSeries, between: float, residual: float, phi: float) -> Array:
    """The covariance matrix written out."""
    same = series.series[:, None] == series.series
    apart = np.abs(series.slices[:, None] - series.slices)
    return same * (between + residual * phi**apart)


def restricted_deviance(series: SliceSeries, covariance: Array) -> float:
    inverse, ones = np.linalg.inv(covariance), np.ones(len(series.values))
    information = ones @ inverse @ ones
    away = series.values - ones @ inverse @ series.values / information
    return float(np.linalg.slogdet(covariance)[1] + math.log(information) + away @ inverse @ away)


def test_the_sums_of_a_series_are_those_of_its_correlation_matrix() -> None:
    series = study()
    ones, cross, squares, determinant = series.sums(0.7)
    correlation = dense(series, 0.0, 1.0, 0.7)
    inverse = np.linalg.inv(correlation)
    for index in range(8):
        mine = (series.series == index).astype(float)
        assert ones[index] == pytest.approx(mine @ inverse @ mine, rel=1e-10)
        assert cross[index] == pytest.approx(mine @ inverse @ series.values, rel=1e-9, abs=1e-9)
    assert squares.sum() == pytest.approx(series.values @ inverse @ series.values, rel=1e-10)
    assert determinant == pytest.approx(np.linalg.slogdet(correlation)[1], rel=1e-10)


def test_the_order_of_values_does_not_matter() -> None:
    series, rng = study(), np.random.default_rng(2)
    order = rng.permutation(len(series.values))
    again = SliceSeries.sorted(series.values[order], series.slices[order], series.series[order])
    np.testing.assert_array_equal(again.values, series.values)


def test_components_are_at_the_summit_of_the_restricted_likelihood_of_the_whole_matrix() -> None:
    series = study()
    found = fit_series(series)
    best = restricted_deviance(series, dense(series, found.between, found.residual, found.phi))
    for between, residual, phi in ((1.02, 1, 1), (0.98, 1, 1), (1, 1.02, 1), (1, 0.98, 1), (1, 1, 1.02), (1, 1, 0.98)):
        beside = dense(series, between * found.between, residual * found.residual, phi * found.phi)
        assert restricted_deviance(series, beside) > best
    covariance = dense(series, found.between, found.residual, found.phi)
    inverse, ones = np.linalg.inv(covariance), np.ones(len(series.values))
    assert found.mean_variance == pytest.approx(1 / (ones @ inverse @ ones), rel=1e-9)
    assert found.mean == pytest.approx(found.mean_variance * (ones @ inverse @ series.values), rel=1e-9)
    assert found.effective == pytest.approx(found.total / found.mean_variance, rel=1e-9)


def test_components_come_near_to_the_truth_of_a_large_study() -> None:
    found = fit_series(study(3, 400))
    assert found.mean == pytest.approx(0.3, abs=0.06)
    assert found.between == pytest.approx(0.16, abs=0.035)
    assert found.residual == pytest.approx(0.25, abs=0.02)
    assert found.phi == pytest.approx(0.6, abs=0.03)


def test_slices_without_correlation_count_in_full_and_those_with_it_less() -> None:
    series = study()
    np.testing.assert_allclose(series.effective_numbers(0.0), series.lengths)
    regular = SliceSeries.sorted(np.arange(40.0), np.arange(40), np.zeros(40, dtype=int))
    # n independent of each other: (n - (n - 2) phi) / (1 + phi), as the inverse of the matrix sums up
    assert regular.effective_numbers(0.7)[0] == pytest.approx((40 - 38 * 0.7) / 1.7)
    assert regular.effective_number_of_squares(0.0) == 40
    assert regular.effective_number_of_squares(0.7) == pytest.approx(40 * 0.51 / 1.49)


def test_of_one_subject_the_interval_is_that_of_its_slices() -> None:
    series = study(4, 1)
    found = limits_of_agreement(series)
    assert found.components.between == 0.0
    assert 1 < found.components.effective < len(series.values)
    assert found.low.value < found.bias.low < found.bias.value < found.bias.high < found.high.value


def test_figures_of_balanced_differences_are_bland_and_altmans() -> None:
    values = np.random.default_rng(5).normal(0.2, 0.5, 50)
    found = limits_of_agreement(SliceSeries.sorted(values, np.zeros(50, dtype=int), np.arange(50)))
    deviation = values.std(ddof=1)
    assert found.bias.value == pytest.approx(values.mean())
    assert found.spread.value == pytest.approx(deviation, rel=1e-6)
    assert found.high.value == pytest.approx(values.mean() + REACH * deviation, rel=1e-6)
    assert found.change.value == pytest.approx(REACH * math.sqrt(2) * found.technical_error.value)
    interval = stats.ttest_1samp(values, 0).confidence_interval()
    assert found.bias.low == pytest.approx(interval.low, rel=1e-6)


def test_the_technical_error_holds_the_bias() -> None:
    rng = np.random.default_rng(6)
    values = np.repeat(rng.normal(0, 0.1, 6), 20) + rng.normal(0, 0.2, 120) + 3.0
    found = limits_of_agreement(SliceSeries.sorted(values, np.tile(np.arange(20), 6), np.repeat(np.arange(6), 20)))
    assert found.technical_error.value == pytest.approx(math.sqrt(np.mean(values**2) / 2), rel=0.01)
    assert found.spread.value < 0.4


def test_a_distance_along_slices_has_the_mean_of_its_subjects() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 4.0], 10) + np.tile([0.1, -0.1], 20)
    found, parts = mean_along_slices(SliceSeries.sorted(values, np.tile(np.arange(10), 4), np.repeat(np.arange(4), 10)))
    assert found.value == pytest.approx(2.5)
    # subjects differ far more than slices: there are hardly more than four independent values
    assert 3.9 < parts.effective < 4.2


def test_contrasts_are_orthonormal_and_blind_to_what_all_annotators_share() -> None:
    for count in (2, 3, 5):
        contrasts = helmert(count)
        np.testing.assert_allclose(contrasts @ contrasts.T, np.eye(count - 1), atol=1e-12)
        np.testing.assert_allclose(contrasts.sum(axis=1), 0.0, atol=1e-12)


def annotators(seed: int, subjects: int, count: int = 4) -> tuple[Array, NDArray[np.int64], NDArray[np.int64]]:
    """Marks of annotators with biases of 0.5, shifts of 0.3 and uncorrelated residuals of 0.2 about places anywhere."""
    rng = np.random.default_rng(seed)
    numbers, slices = np.repeat(np.arange(subjects), 20), np.tile(np.arange(20), subjects)
    marks = 100 * rng.normal(size=(len(numbers), 1)) + rng.normal(0, 0.5, count)
    marks = marks + rng.normal(0, 0.3, (subjects, count))[numbers] + rng.normal(0, 0.2, (len(numbers), count))
    return marks, slices, numbers


def test_components_of_annotators_are_those_of_a_balanced_analysis_of_variance() -> None:
    marks, slices, numbers = annotators(7, 12)
    found = fit_annotators(marks, slices, numbers, FitSettings(most_phi=0.0))
    contrasts = (marks @ helmert(4).T).reshape(12, 20, 3)
    means = contrasts.mean(axis=1)
    of_residual = np.sum((contrasts - means[:, None]) ** 2) / (12 * 19 * 3)
    of_subjects = np.sum((means - means.mean(axis=0)) ** 2) / (11 * 3)
    assert found.residual == pytest.approx(of_residual, rel=1e-5)
    assert found.interaction == pytest.approx(of_subjects - of_residual / 20, rel=1e-4)
    assert found.annotator == pytest.approx(np.mean(means.mean(axis=0) ** 2) - of_subjects / 12, rel=1e-4)
    error = annotator_spread(found).reproducibility
    assert error.low < error.value < error.high
    assert error.value == pytest.approx(math.sqrt(found.total))


def test_components_of_annotators_have_intervals_that_hold_them_and_two_annotators_have_none() -> None:
    spread = annotator_spread(fit_annotators(*annotators(9, 12)))
    for found, truth in ((spread.annotators, 0.5), (spread.interaction, 0.3), (spread.residual, 0.2)):
        assert found.low < truth < found.high
    assert spread.residual.half_width < 0.02 < 0.1 < spread.annotators.half_width
    two = annotator_spread(fit_annotators(*annotators(7, 12, 2)))
    assert "two annotators only" in two.annotators.why_not
    assert "one subject" in annotator_spread(fit_annotators(*annotators(7, 1))).interaction.why_not


def test_the_correlation_of_neighbours_has_an_interval_and_costs_the_residual_degrees_of_freedom() -> None:
    series = study(3, 20)
    found = precision(series, fit_series(series))
    assert found.phi.low < 0.6 < found.phi.high
    assert found.phi.half_width < 0.15
    # of independent values one is lost to each subject's mean
    numbers = np.repeat(np.arange(20), 30)
    values = np.random.default_rng(4).normal(size=600) + np.random.default_rng(5).normal(0, 2, 20)[numbers]
    plain = SliceSeries.sorted(values, np.tile(np.arange(30), 20), numbers)
    assert precision(plain, fit_series(plain)).free == pytest.approx(580, rel=0.05)
    assert found.free < 0.6 * len(series.values)


def test_limits_over_clusters_are_those_of_their_means_and_of_what_varies_about_them() -> None:
    rng = np.random.default_rng(6)
    middles, about = rng.normal(0.3, 0.4, 2000), rng.normal(0, 0.3, (2000, 50))
    values = middles[:, None] + about
    found = clustered_limits(values.mean(axis=1), np.mean(values**2, axis=1))
    assert found.bias.value == pytest.approx(0.3, abs=0.03)
    assert found.spread.value == pytest.approx(0.5, abs=0.02)
    assert found.high.value == pytest.approx(0.3 + REACH * 0.5, abs=0.05)
    assert found.high.low < found.high.value < found.high.high
    assert found.technical_error.value == pytest.approx(math.sqrt((0.3**2 + 0.5**2) / 2), abs=0.02)
    few = clustered_limits(np.array([0.1, 0.3]), np.array([0.02, 0.1]))
    assert (few.bias.low, few.high.low) == (None, None)
    assert "fewer than" in few.high.why_not
    same = clustered_limits(np.full(9, 0.2), np.full(9, 0.04))
    assert (same.bias.value, same.spread.value) == (pytest.approx(0.2), pytest.approx(0.0, abs=1e-6))
    assert "nothing varies" in same.high.why_not


@pytest.mark.parametrize("count", [4, 14])
def test_clusters_of_one_value_have_limits_from_the_spread_between_them(count: int) -> None:
    means = np.random.default_rng(7).normal(0.2, 0.4, count)
    found = clustered_limits(means, means**2)
    assert found.spread.value == pytest.approx(float(means.std(ddof=1)))
    assert found.spread.low < 0.4 < found.spread.high
    assert found.high.value == pytest.approx(found.bias.value + REACH * found.spread.value)
    for each in (found.bias, found.low, found.high, found.spread, found.technical_error, found.change):
        assert each.low < each.value < each.high
        assert each.why_not == ""


def test_subjects_have_a_component_with_an_interval_beside_the_correlation() -> None:
    rng = np.random.default_rng(16)
    table = rng.normal(0, 2, (40, 1)) + rng.normal(0, 0.5, 3) + rng.normal(0, 0.6, (40, 3))
    found = two_way(table).deviation
    assert found.low < 2.0 < found.high
    assert found.value == pytest.approx(math.sqrt(two_way(table).subject))
    alike = two_way(np.array([[0.0, 0.5], [0.5, 0.0], [0.2, 0.3], [0.3, 0.2]])).deviation
    assert (alike.value, alike.low) == (0.0, None)
    assert "subjects differ less" in alike.why_not


def test_annotators_without_biases_have_no_component_below_nought() -> None:
    marks, slices, numbers = annotators(8, 10)
    marks -= marks.mean(axis=0)
    assert fit_annotators(marks, slices, numbers).annotator == 0.0
    with pytest.raises(ValueError, match="two annotators"):
        fit_annotators(marks[:, :1], slices, numbers)
    with pytest.raises(ValueError, match="three values"):
        fit_annotators(marks[:1, :2], slices[:1], numbers[:1])


def test_the_published_intraclass_correlation_is_found() -> None:
    found = two_way(SHROUT)
    assert found.correlation.value == pytest.approx(0.29, abs=0.005)
    assert (found.correlation.low, found.correlation.high) == pytest.approx((0.019, 0.761), abs=0.001)
    with pytest.raises(ValueError, match="nothing varies"):
        two_way(np.ones((5, 2)))
    with pytest.raises(ValueError, match="two subjects"):
        two_way(SHROUT[:1])


def test_annotators_who_differ_by_a_constant_have_no_interval_of_their_correlation() -> None:
    found = two_way(np.column_stack([np.arange(6.0), np.arange(6.0) + 1]))
    assert found.residual == pytest.approx(0.0, abs=1e-12)
    assert found.correlation.low is None
    assert found.correlation.why_not


def test_subjects_who_are_all_alike_have_no_interval_of_their_correlation() -> None:
    found = two_way(np.array([[0.0, 0.5], [-0.1, 0.6], [0.3, 0.2]]))
    assert found.subject == 0.0
    assert found.correlation.value < 0
    assert found.correlation.low is None
    assert "subjects differ too little" in found.correlation.why_not


def first(means: Array) -> Array:
    return means[..., 0]


def test_the_standard_error_of_a_mean_is_the_known_one() -> None:
    values = np.random.default_rng(9).normal(5, 2, (30, 1))
    assert standard_error(values, first) == pytest.approx(stats.sem(values[:, 0]))
    assert standard_error(values, lambda means: means[..., 0] ** 2) == pytest.approx(
        2 * values.mean() * stats.sem(values[:, 0])
    )


def test_the_studentised_interval_of_few_subjects_is_as_wide_as_students_and_not_as_that_of_percentiles() -> None:
    values = np.random.default_rng(11).normal(0, 1, (14, 1))
    found = bootstrap_interval(values, first)
    low, high = np.quantile(resampled(values, BootstrapSettings()).mean(axis=1), (0.025, 0.975))
    assert found.half_width > 1.05 * (high - low) / 2
    student = stats.ttest_1samp(values[:, 0], 0).confidence_interval()
    assert found.half_width == pytest.approx((student.high - student.low) / 2, rel=0.15)


def test_percentiles_of_resamples_are_scipys() -> None:
    values = np.random.default_rng(10).gamma(2, 1, (20, 1))
    low, high = np.quantile(resampled(values, BootstrapSettings()).mean(axis=1), (0.025, 0.975))
    theirs = stats.bootstrap(
        (values[:, 0],), np.mean, n_resamples=1999, method="percentile", rng=np.random.default_rng(20)
    ).confidence_interval
    # both resample by chance: the ends differ by a share of the length
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.08 * (theirs.high - theirs.low))


def test_what_cannot_be_resampled_is_said() -> None:
    few = bootstrap_interval(np.ones((3, 1)), first)
    assert (few.value, few.low, few.why_not) == (1.0, None, "fewer than 6 subjects are too few to resample")
    same = bootstrap_interval(np.ones((9, 1)), first)
    assert (same.value, same.low, same.why_not) == (1.0, None, "all subjects are the same: nothing varies")
    assert bootstrap_interval(np.empty((0, 1)), first).why_not == "no subjects"


def test_the_ellipse_has_the_axes_and_the_direction_of_the_differences() -> None:
    rng = np.random.default_rng(12)
    turn = math.radians(30)
    x, y = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) @ (
        rng.normal(size=(2, 20, 400)) * np.array([2.0, 0.5])[:, None, None]
    ).reshape(2, -1)
    subjects = np.repeat(np.arange(20), 400)
    found = limits_ellipse(SliceSeries.sorted(x, np.tile(np.arange(400), 20), subjects), y)
    assert found.degrees == pytest.approx(30, abs=2)
    assert found.long.value == pytest.approx(2.0 * 2.448, rel=0.03)
    assert found.short.value == pytest.approx(0.5 * 2.448, rel=0.03)
    assert found.long.low < found.long.value < found.long.high


def test_a_variance_and_a_sum_have_the_intervals_of_their_sources() -> None:
    variance = variance_interval(4.0, 9)
    # the quantiles of chi square with 9 degrees of freedom, as printed in tables: 19.023 and 2.700
    assert (variance.low, variance.high) == pytest.approx((36 / 19.023, 36 / 2.700), rel=1e-3)
    both = sum_of(variance, variance)
    assert both.value == 8.0
    assert both.high - 8.0 == pytest.approx(math.sqrt(2) * (variance.high - 4.0))


def test_equivalence_is_an_interval_of_90_percent_inside_the_margins() -> None:
    for margin in (0.25, 0.35, 0.5):
        found = equivalent_within(0.2, 0.06, 13, margin)
        inside = 0.2 + stats.t.ppf(0.95, 13) * 0.06 < margin
        assert found.equivalent == inside
    assert equivalent_within(3.0, 0.1, 13, 2.0).p > 0.99
    assert equivalent_within(0.0, 0.0, 13, 2.0).equivalent
    assert not equivalent_within(2.5, 0.0, 13, 2.0).equivalent


def test_the_planned_number_of_subjects_is_the_first_whose_interval_is_narrow_enough() -> None:
    number = subjects_for_bias(0.16, 0.25, 10, 0.2)
    deviation = math.sqrt(0.16 + 0.025)
    widths = [stats.t.ppf(0.975, n - 1) * deviation / math.sqrt(n) for n in (number - 1, number)]
    assert widths[0] > 0.2 >= widths[1]
    assert subjects_for_bias(0.16, 0.25, 10, 1e-4) is None
    assert annotators_for_mean(0.5, 0.5) == 4
    assert annotators_for_mean(0.1, 0.5) == 1


def test_components_are_those_of_statsmodels_where_slices_are_not_correlated() -> None:
    api = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    series = study(13, 10)
    found = fit_series(series, FitSettings(most_phi=0.0))
    model = api.MixedLM(series.values, np.ones((len(series.values), 1)), groups=series.series)
    fit = model.fit(reml=True, method="powell")
    assert found.residual == pytest.approx(fit.scale, abs=1e-6)
    assert found.between == pytest.approx(float(np.asarray(fit.cov_re)[0, 0]), abs=1e-6)
    assert found.mean == pytest.approx(float(fit.params[0]), abs=1e-6)


def test_the_mean_of_correlated_slices_is_that_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")
    series = study(14, 5)
    found = fit_series(series)
    covariance = dense(series, found.between, found.residual, found.phi)
    theirs = api.GLS(series.values, np.ones(len(series.values)), sigma=covariance).fit(cov_type="fixed scale")
    assert found.mean == pytest.approx(float(theirs.params[0]), abs=1e-6)
    assert math.sqrt(found.mean_variance) == pytest.approx(float(theirs.bse[0]), abs=1e-6)


def test_equivalence_is_that_of_statsmodels() -> None:
    weight = pytest.importorskip("statsmodels.stats.weightstats", reason="statsmodels is not installed")
    values = np.random.default_rng(15).normal(0.3, 1.0, 14)
    p, *_rest = weight.DescrStatsW(values).ttost_mean(-0.8, 0.8)
    mine = equivalent_within(float(values.mean()), float(stats.sem(values)), 13, 0.8)
    assert mine.p == pytest.approx(float(p), abs=1e-9)


# what it uses of pandas is to go
@pytest.mark.filterwarnings("ignore::Warning")
def test_the_intraclass_correlation_is_that_of_pingouin() -> None:
    pingouin = pytest.importorskip("pingouin", reason="pingouin is not installed")
    import pandas

    rng = np.random.default_rng(16)
    table = rng.normal(0, 2, (14, 1)) + rng.normal(0, 0.5, 3) + rng.normal(0, 0.6, (14, 3))
    rows = [(s, a, table[s, a]) for s in range(14) for a in range(3)]
    frame = pandas.DataFrame(rows, columns=["subject", "annotator", "value"])
    theirs = pingouin.intraclass_corr(frame, "subject", "annotator", "value")
    single = theirs.iloc[1]  # two-way random, single annotator
    found = two_way(table).correlation
    assert found.value == pytest.approx(float(single["ICC"]), abs=1e-6)
    low, high = next(single[name] for name in theirs.columns if name.startswith("CI95"))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.0051)  # theirs are rounded to 0.01
