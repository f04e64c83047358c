"""The agreement as tables: files of the data contract, and lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.columns import MEANINGS, described
from SpineRootLib.agreement.distances import PairAgreement, StructureAgreement
from SpineRootLib.agreement.exchange import EXCHANGES, Exchange
from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.anatomy import CONTOUR_STRUCTURES, GANGLIA, ROOTS
from SpineRootLib.tables import MISSING, Meaning, write_described

_PAIR = ("annotator_a", "annotator_b")
_WHOLE = ("structure", "segment", "side")
_PLACE = (*_WHOLE, "slice")
STATISTICS = ("mean_mm", "sd_mm", "median_mm", "p95_mm", "max_mm")
AGREEMENT = (*_PAIR, *_WHOLE, "n_matched", "n_only_a", "n_only_b", *STATISTICS)
POINTS = (*_PAIR, *_PLACE, "distance_mm", "hausdorff_mm", "dice")
CURVES = (*_PAIR, *_WHOLE, "curve_mean_mm", "curve_hausdorff_mm", "bias_right_mm", "bias_anterior_mm", "bias_mm")
SINGLE = (*_PAIR, *_PLACE, "only", "x_mm", "y_mm", "z_mm")


def write_exactly(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    meanings: Mapping[str, Meaning] = MEANINGS,
    about: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write a table with lengths to 1e-10 mm, so that it says them as exactly as they were measured, and what its
    columns mean; the two files."""
    exact = ({name: _exact(value) for name, value in row.items()} for row in rows)
    return write_described(path, columns, exact, meanings, about)


def statistics(distances: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean, sample standard deviation (n - 1), median, 95th percentile and maximum, None where not defined."""
    if not len(distances):
        return dict.fromkeys(STATISTICS)
    return {
        "mean_mm": float(np.mean(distances)),
        "sd_mm": float(np.std(distances, ddof=1)) if len(distances) > 1 else None,
        "median_mm": float(np.median(distances)),
        "p95_mm": float(np.percentile(distances, 95)),
        "max_mm": float(np.max(distances)),
    }


def agreement_rows(pairs: Sequence[PairAgreement]) -> Iterator[dict[str, Any]]:
    """A row per root, per ganglion, for dura and for cord."""
    for pair, each in _structures(pairs):
        counts = {"n_matched": len(each.matched), "n_only_a": len(each.only_a), "n_only_b": len(each.only_b)}
        yield {**_names(pair), **each.place.cells(), **counts, **statistics(each.distances)}


def point_rows(pairs: Sequence[PairAgreement]) -> Iterator[dict[str, Any]]:
    """A row a matched slice, or a pair of ganglia."""
    for pair, each in _structures(pairs):
        for place in each.matched:
            values = {name: getattr(place, name) for name in ("distance_mm", "hausdorff_mm", "dice")}
            yield {**_names(pair), **place.place.cells(), **values}


def curve_rows(pairs: Sequence[PairAgreement]) -> Iterator[dict[str, Any]]:
    """A row a structure: distance between the whole curves, and the mean vector from A to B in the slice."""
    for pair, each in _structures(pairs):
        values: dict[str, float | None] = {}
        if each.curve is not None:
            values |= {"curve_mean_mm": each.curve.mean, "curve_hausdorff_mm": each.curve.hausdorff}
        elif each.place.is_contour and each.matched:
            worst = max(place.hausdorff_mm or 0.0 for place in each.matched)
            values |= {"curve_mean_mm": float(np.mean(each.distances)), "curve_hausdorff_mm": worst}
        if each.bias is not None:
            right, anterior = map(float, each.bias[:2])
            values |= {
                "bias_right_mm": right,
                "bias_anterior_mm": anterior,
                "bias_mm": float(np.hypot(right, anterior)),
            }
        yield {**_names(pair), **each.place.cells(), **values}


def single_rows(pairs: Sequence[PairAgreement], raters: Raters) -> Iterator[dict[str, Any]]:
    """A row a place that only one of the two marked; of contours the middle of the control points, RAS mm."""
    for pair, each in _structures(pairs):
        for label, places in ((pair.a, each.only_a), (pair.b, each.only_b)):
            for place in places:
                middle = raters.marks[label][place].mean(axis=0)
                yield {**_names(pair), **place.cells(), "only": label, **position_cells(middle)}


def position_cells(position: NDArray[np.float64]) -> dict[str, float]:
    """The columns ``x_mm y_mm z_mm`` of a point, (3,) RAS mm."""
    return dict(zip(("x_mm", "y_mm", "z_mm"), map(float, position), strict=True))


def write_tables(
    folder: Path,
    raters: Raters,
    pairs: Sequence[PairAgreement],
    exchanges: Sequence[Exchange],
    figures: Sequence[AgreementFigure] = (),
) -> list[Path]:
    """Write the tables of a subject's agreement, and what their columns mean; the files written are returned.

    Parameters
    ----------
    exchanges : names that look exchanged; an empty table says that they were looked for.
    """
    # what makes figures needs SciPy, which takes a while to import
    from SpineRootLib.agreement.reliability_tables import write_reliability

    name = f"sub-{raters.subject}_agreement"
    return [
        *write_exactly(folder / f"{name}.tsv", AGREEMENT, agreement_rows(pairs), about=described(raters)),
        *write_exactly(folder / f"{name}-points.tsv", POINTS, point_rows(pairs)),
        *write_exactly(folder / f"{name}-curves.tsv", CURVES, curve_rows(pairs)),
        *write_exactly(folder / f"{name}-single.tsv", SINGLE, single_rows(pairs, raters)),
        *write_exactly(folder / f"{name}-exchanges.tsv", EXCHANGES, (row for each in exchanges for row in each.rows())),
        *write_reliability(folder, raters, figures),
    ]


_FOUND = attrgetter("matched"), attrgetter("only_a"), attrgetter("only_b")


def printed(pair: PairAgreement) -> list[str]:
    """The distance table as lines of text: segments down, left and right across, contours and ganglia below."""
    head = ("root", "side", "mean", "sd", "median", "p95", "max", "both", f"only {pair.a}", f"only {pair.b}")
    rows: list[tuple[str, ...]] = [head]
    roots = [each for each in pair.structures if each.place.structure == ROOTS]
    rows += [_cells(each.place.root.segment, each.place.root.side, [each]) for each in roots if each.place.root]
    rows.append(_cells("all roots", "", roots))
    rows.append(_cells("ganglia", "", [each for each in pair.structures if each.place.structure == GANGLIA]))
    contours = [each for each in pair.structures if each.place.structure in CONTOUR_STRUCTURES]
    rows += [_cells(each.place.structure, "", [each]) for each in contours]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"Distance between {pair.a} and {pair.b}, mm"]
    for row in rows:
        names = "  ".join(cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True))
        numbers = "  ".join(cell.rjust(max(width, 5)) for cell, width in zip(row[2:], widths[2:], strict=True))
        lines.append(f"{names}  {numbers}")
    return lines


def _cells(name: str, side: str, pooled: Sequence[StructureAgreement]) -> tuple[str, ...]:
    """A line of the printed table: the distances of some structures together, and how many places are single."""
    distances = np.concatenate([each.distances for each in pooled]) if pooled else np.empty(0)
    measured = (MISSING if value is None else f"{value:.2f}" for value in statistics(distances).values())
    counts = [sum(len(found(each)) for each in pooled) for found in _FOUND]
    return (name, side, *measured, *map(str, counts))


def _exact(value: Any) -> Any:
    if isinstance(value, float) and np.isfinite(value):
        return f"{value:.10f}".rstrip("0").rstrip(".")
    return value


def _structures(pairs: Sequence[PairAgreement]) -> Iterator[tuple[PairAgreement, StructureAgreement]]:
    return ((pair, each) for pair in pairs for each in pair.structures)


def _names(pair: PairAgreement) -> dict[str, str]:
    return {"annotator_a": pair.a, "annotator_b": pair.b}
