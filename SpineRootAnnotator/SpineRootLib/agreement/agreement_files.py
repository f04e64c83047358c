"""The folder of a subject's agreement: tables and figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.exchange import Exchange
from SpineRootLib.agreement.figure_of_agreement import AgreementFigure
from SpineRootLib.agreement.figures import draw_agreement, draw_slices
from SpineRootLib.agreement.outliers import ANNOTATORS, Standing
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.tables import write_exactly, write_tables

AGREEMENT_TITLE = "Agreement between annotators"


def write_agreement(
    folder: Path,
    raters: Raters,
    pairs: Sequence[PairAgreement],
    found: Sequence[Standing],
    exchanges: Sequence[Exchange],
    figures: Sequence[AgreementFigure] = (),
) -> list[Path]:
    """Write a subject's agreement; the files written are returned.

    Parameters
    ----------
    found : each annotator's standing among three or more.
    exchanges : names that look exchanged.
    figures : with their intervals.

    Raises
    ------
    MissingExtraError
        if matplotlib is not installed; the tables are written by then.
    """
    name = f"sub-{raters.subject}_agreement"
    files = write_tables(folder, raters, pairs, exchanges, figures)
    if found:
        path = folder / f"sub-{raters.subject}_annotators.tsv"
        files += write_exactly(path, ANNOTATORS, (each.row() for each in found))
    files.append(draw_agreement(folder / f"{name}.png", raters.subject, pairs, raters.segments))
    files.append(draw_slices(folder / f"{name}-slices.png", raters.subject, pairs, raters.segments))
    if figures:
        # what gathers marks needs SciPy, which takes a while to import
        from SpineRootLib.agreement.bland_altman import draw_bland_altman
        from SpineRootLib.agreement.reliability_tables import gathered

        marks = gathered(raters, pairs)
        picture = draw_bland_altman(folder / f"{name}-bland-altman.png", marks.pairs, marks.places, figures)
        files += [] if picture is None else [picture]
    return files
