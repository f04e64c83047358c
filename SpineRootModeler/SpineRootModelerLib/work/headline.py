"""One line that says what is open and what is going on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SpineRootLib.translation import _
from SpineRootModelerLib.work.sources import DISCUSSED


def headline(
    dataset: Path | None, subject: str, compared: Sequence[str] = (), surfaces_of: str | None = None, work: str = ""
) -> str:
    """What is open and what is going on.

    Parameters
    ----------
    dataset : None if nothing is open.
    compared : the annotators that are compared.
    surfaces_of : what the surfaces that are shown were built from, empty for the consensus; None if there are none.
    work : what is being done; empty for nothing.
    """
    if dataset is None:
        return work or _("No subject is open: choose a dataset and a subject.")
    parts = [_("sub-{subject} of {dataset}").format(subject=subject, dataset=dataset.name or dataset)]
    if compared:
        parts.append(_("compared: {annotators}").format(annotators=", ".join(compared)))
    if surfaces_of is not None:
        parts.append(_("surfaces of {source}").format(source=source_title(surfaces_of)))
    if work:
        parts.append(work)
    return "; ".join(parts)


def source_title(source: str) -> str:
    """What surfaces are built from, as a user reads it."""
    if source == DISCUSSED:
        return _("what is discussed")
    return source or _("the consensus")
