"""Keeping out of the dataset who was scanned, where, when and by whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import write_text

# Fields of a sidecar that name or help to find a person: those of the Basic Application Level Confidentiality Profile
# (DICOM PS3.15, table E.1-1) that dcm2niix writes, some of them even when told to anonymise.
IDENTIFYING_FIELDS = (
    "AccessionNumber",
    "AcquisitionDateTime",
    "AcquisitionTime",
    "DeviceSerialNumber",
    "ImageComments",
    "InstitutionAddress",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "OperatorsName",
    "OtherPatientIDs",
    "PatientAddress",
    "PatientAge",
    "PatientBirthDate",
    "PatientComments",
    "PatientID",
    "PatientName",
    "PatientSex",
    "PatientSize",
    "PatientWeight",
    "PerformingPhysicianName",
    "ProcedureStepDescription",
    "ReferringPhysicianName",
    "RequestedProcedureDescription",
    "SeriesInstanceUID",
    "SeriesTime",
    "StationName",
    "StudyDescription",
    "StudyID",
    "StudyInstanceUID",
)

# Attributes of DICOM whose words must not turn up in any other field, such as a series that was named after a person.
NAMING_ATTRIBUTES = (
    "AccessionNumber",
    "OperatorsName",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthDate",
    "PatientID",
    "PatientName",
    "PerformingPhysicianName",
    "ReferringPhysicianName",
    "StudyID",
)
# Shorter words are sought as words of their own, not inside others; shorter numbers are not sought.
_LONG_WORD, _LONG_NUMBER = 4, 5


def identifying_words(values: Iterable[str]) -> frozenset[str]:
    """The words of naming attributes that can be searched for, in small letters."""
    words = {word for value in values for word in re.split(r"[\s^=\\,;\[\]']+", value.casefold())}
    return frozenset(word for word in words if len(word) >= (_LONG_NUMBER if word.isdigit() else 2))


def clean_sidecar(path: Path, words: frozenset[str]) -> list[str]:
    """Take every identifying field out of a sidecar, and every field that holds one of the words.

    Returns
    -------
    list of str
        the fields that were there and were removed.
    """
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    removed = [key for key, value in document.items() if key in IDENTIFYING_FIELDS or _tells(value, words)]
    kept = {key: value for key, value in document.items() if key not in removed}
    write_text(path, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    return removed


def without_words(text: str, words: frozenset[str]) -> str:
    """A text to show, with identifying words struck out."""
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(_pattern(word), "***", text, flags=re.IGNORECASE)
    return text


def _tells(value: object, words: frozenset[str]) -> bool:
    """Whether a text, or one in a list, holds one of the words."""
    if isinstance(value, (list, tuple)):
        return any(_tells(one, words) for one in value)
    return isinstance(value, str) and any(re.search(_pattern(word), value, re.IGNORECASE) for word in words)


def _pattern(word: str) -> str:
    found = re.escape(word)
    return found if len(word) >= _LONG_WORD else rf"(?<![^\W_]){found}(?![^\W_])"
