"""Keeping out of the dataset who was scanned, where, when and by whom."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import write_text

# The fields of a sidecar that stay. First those that BIDS defines for MRI, without institution, station, serial number
# and what is written freely; then numbers and codes of the scan that dcm2niix writes besides. Whatever else a
# converter writes, today or in its next version, is left out.
KEPT_FIELDS = (
    *("Manufacturer", "ManufacturersModelName", "SoftwareVersions", "MagneticFieldStrength", "ReceiveCoilName"),
    *("ReceiveCoilActiveElements", "GradientSetType", "MRTransmitCoilSequence", "MatrixCoilMode"),
    *("CoilCombinationMethod", "NumberReceiveCoilActiveElements", "NumberTransmitCoilActiveElements"),
    *("HardcopyDeviceSoftwareVersion", "B0ShimmingTechnique", "B1ShimmingTechnique", "BodyPart", "SliceTiming"),
    *("AcquisitionDuration", "PulseSequenceType", "ScanningSequence"),
    *("SequenceVariant", "ScanOptions", "SequenceName", "PulseSequenceDetails", "NonlinearGradientCorrection"),
    *("MRAcquisitionType", "MTState", "MTOffsetFrequency", "MTPulseBandwidth", "MTNumberOfPulses", "MTPulseShape"),
    *("MTPulseDuration", "SpoilingState", "SpoilingType", "SpoilingRFPhaseIncrement", "SpoilingGradientMoment"),
    *("SpoilingGradientDuration", "WaterSuppression", "WaterSuppressionTechnique", "NumberShots"),
    *("ParallelReductionFactorInPlane", "ParallelReductionFactorOutOfPlane", "ParallelAcquisitionTechnique"),
    *("PartialFourier", "PartialFourierDirection", "EffectiveEchoSpacing", "MixingTime", "PhaseEncodingDirection"),
    *("TotalReadoutTime", "EchoTime", "InversionTime", "DwellTime", "SliceEncodingDirection", "RepetitionTime"),
    *("RepetitionTimeExcitation", "RepetitionTimePreparation", "FlipAngle", "NegativeContrast"),
    *("MultibandAccelerationFactor", "TablePosition", "SliceThickness", "PixelBandwidth"),
    *("Modality", "PatientPosition", "ImageType", "SpacingBetweenSlices", "EchoTrainLength", "EchoNumber"),
    *("ImagingFrequency", "NumberOfAverages", "PercentPhaseFOV", "PercentSampling", "PhaseEncodingSteps"),
    *("AcquisitionMatrixPE", "ReconMatrixPE", "BaseResolution", "PhaseResolution", "PhaseOversampling"),
    *("ImageOrientationPatientDICOM", "InPlanePhaseEncodingDirectionDICOM"),
    *("ConversionSoftware", "ConversionSoftwareVersion", "Dcm2bidsVersion"),
)

# Attributes of DICOM whose words must not turn up in a field that stays, nor in what is shown of a series.
NAMING_ATTRIBUTES = (
    "AccessionNumber",
    "OperatorsName",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthDate",
    "PatientBirthName",
    "PatientID",
    "PatientMotherBirthName",
    "PatientName",
    "PerformingPhysicianName",
    "ReferringPhysicianName",
    "StudyID",
)
# Shorter words are sought as words of their own, not inside others; shorter numbers are not sought.
_LONG_WORD, _LONG_NUMBER = 4, 5
# How letters with marks are spelt without: with two letters, besides leaving the mark out.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe", "þ": "th"})
# Marks that are part of the letter.
_STROKES = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
# What stands for a letter that a program could not write.
_LOST_LETTERS = ("", "?", "_", "\ufffd")
# How texts are misread: UTF-8 taken for the one-byte code that DICOM or the converter assumed.
_MISREADINGS = ("latin-1", "cp1252")


def identifying_words(values: Iterable[str]) -> frozenset[str]:
    """The words of naming attributes that can be searched for, in small letters.

    Names and numbers are taken whole and in the parts that hyphens, dots and the like leave (*Mueller-Luedenscheidt*,
    *12-34567*), with and without accents, and as they are after their text was misread or put right.
    """
    words: set[str] = set()
    for text in {reading for value in values for reading in _readings(value)}:
        whole = re.split(r"[\s^=\\,;\[\]'\"()]+", text)
        parts = re.split(r"[\W_]+", text)
        numbers = [re.sub(r"\D", "", word) for word in whole if re.fullmatch(r"[\d\W_]+", word)]
        numbers += re.findall(r"\d+", text)
        dates = [date for number in numbers for date in _other_dates(number)]
        joined = [one + other for one, other in itertools.permutations(parts, 2)]
        lost = [_without_marked(word, each) for word in parts if not word.isascii() for each in _LOST_LETTERS]
        words |= {
            each for word in (*whole, *parts, *joined, *lost, *numbers, *dates) for each in (word, word.lstrip("0"))
        }
    return frozenset(word for word in words if len(word) >= (_LONG_NUMBER if word.isdigit() else 2))


def _without_marked(word: str, sign: str) -> str:
    """A word with a sign for each letter beyond the English alphabet; empty if too little is left to know it."""
    plain = re.sub(r"[^\x00-\x7f]", "", word)
    return re.sub(r"[^\x00-\x7f]", sign, word) if len(plain) >= _LONG_WORD else ""


def _other_dates(number: str) -> tuple[str, ...]:
    """A date of DICOM, 19800412, as people write it: by day, by month, and with two digits of the year."""
    if not re.fullmatch(r"(18|19|20)\d\d(0[1-9]|1[0-2])([0-2][1-9]|[123]0|31)", number):
        return ()
    year, month, day = number[:4], number[4:6], number[6:]
    return (day + month + year, month + day + year, number[2:], day + month + year[2:], month + day + year[2:])


def clean_sidecar(path: Path, words: frozenset[str], given: Collection[str] = ()) -> list[str]:
    """Leave in a sidecar only fields that tell of the scan, none of them with one of the words.

    Parameters
    ----------
    given : fields that stay besides, because the rules of the import put them there.

    Returns
    -------
    list of str
        the fields that were there and were removed.
    """
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    allowed = {*KEPT_FIELDS, *given}
    removed = [key for key, value in document.items() if key not in allowed or _tells(value, words)]
    kept = {key: value for key, value in document.items() if key not in removed}
    write_text(path, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    return removed


def without_words(text: str, words: frozenset[str]) -> str:
    """A text to show, with identifying words struck out."""
    if not any(_holds(reading, words) for reading in _readings(text)):
        return text
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(_pattern(word), "***", text, flags=re.IGNORECASE)
    # what is spelt in another way than the words can only be left out as a whole
    return "***" if any(_holds(reading, words) for reading in _readings(text)) else text


def _readings(text: str) -> Iterator[str]:
    """A text in small letters as it stands, misread and put right, each with and without accents."""
    spelt = {text}
    for code in _MISREADINGS:
        for write, read in ((code, "utf-8"), ("utf-8", code)):
            try:
                spelt.add(text.encode(write).decode(read))
            except UnicodeError:
                continue
    for each in spelt:
        folded = unicodedata.normalize("NFC", each).casefold()
        yield folded
        for stroked in (folded, folded.translate(_STROKES)):
            letters = unicodedata.normalize("NFD", stroked)
            yield "".join(letter for letter in letters if not unicodedata.combining(letter))
        yield folded.translate(_TWO_LETTERS)


def _tells(value: object, words: frozenset[str]) -> bool:
    """Whether a text, or one in a list or in a field of its own, holds one of the words."""
    if isinstance(value, (list, tuple)):
        return any(_tells(one, words) for one in value)
    if isinstance(value, dict):
        return any(_tells(one, words) for one in (*value, *value.values()))
    return isinstance(value, str) and any(_holds(reading, words) for reading in _readings(value))


def _holds(text: str, words: frozenset[str]) -> bool:
    return any(re.search(_pattern(word), text, re.IGNORECASE) for word in words)


def _pattern(word: str) -> str:
    if word.isdigit():
        return r"[\W_]?".join(word)  # numbers are written in groups: 12-34567, 1 234 567
    found = re.escape(word)
    return found if len(word) >= _LONG_WORD else rf"(?<![^\W_]){found}(?![^\W_])"
