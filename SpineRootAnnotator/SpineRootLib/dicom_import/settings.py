"""How a subject is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ImportSettings:
    """What is tuned in an import.

    Parameters
    ----------
    rules : a site's own rules; by default those that come with SpineRoot.
    choices : series by image name, ``{"CISS": "7"}``, where the rules do not tell or tell wrong.
    bids_names : names that BIDS knows, ``sub-03_acq-CISS_T2w``, instead of the published ``sub-03_CISS``.
    force : replace the images of a subject that is in the dataset.
    compression : gzip's level, 1..9; noise hardly compresses, so that a higher one costs time for little.
    space_factor : free space needed for each byte of DICOM; NIfTI, its compressed copy, and that of dcm2bids.
    """

    rules: Path | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    bids_names: bool = False
    force: bool = False
    compression: int = 2
    space_factor: float = 3.0
