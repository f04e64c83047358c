"""From the scanner to the dataset: DICOM series to BIDS through dcm2niix and dcm2bids."""

from SpineRootLib.dicom_import.identity import KEPT_FIELDS
from SpineRootLib.dicom_import.importing import ImportReport, import_subject, preview_import
from SpineRootLib.dicom_import.plan import ImportPlan, PlannedSeries
from SpineRootLib.dicom_import.settings import ImportSettings

__all__ = [
    "KEPT_FIELDS",
    "ImportPlan",
    "ImportReport",
    "ImportSettings",
    "PlannedSeries",
    "import_subject",
    "preview_import",
]
