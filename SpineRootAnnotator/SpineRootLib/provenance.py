"""The sidecar of an annotation, `sub-XX_annotation.json`: who, with what, on which images, how, and signed off when."""

from __future__ import annotations

import copy
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.annex_content import check_fetched
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.naming import check_label
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _

# How a point came to be.
PLACED, ACCEPTED, CORRECTED = "placed", "accepted", "corrected"
ORIGINS = (PLACED, ACCEPTED, CORRECTED)
# A flag of the sidecar: a program's, and confirmed by nobody yet.
PROPOSED = "proposed"
# Of a mark: that no proposal was shown there, on purpose; and what was proposed, or would have been.
UNAIDED, PROPOSAL = "Unaided", "Proposal"
_SLICE_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass
class Provenance:
    """What the sidecar says; keys that are not ours are kept as they were read.

    The document is a JSON object with these keys, all optional:

    - ``Annotator``, ``Software`` (``Name``, ``Version``)
    - ``RepeatOf``: of an annotator's second annotation of the subject (``A2``) the label of the first (``A``)
    - ``Images``: by name (``CISS`` ...) an object with ``File``, ``SHA256``, ``VoxelSHA256`` (of the voxels,
      however compressed), ``Shape``, ``Affine`` (voxel to RAS mm)
    - ``Structures``: by key (``dura_7``, ``nerveroots_L1_L``, ``ganglions_L1_L``) an object with ``FirstEdited``,
      ``LastEdited`` (ISO 8601, UTC), ``Seconds``, ``Placed``, ``Accepted``, ``Corrected`` (numbers of points) and
      ``Points``: by slice number an object with ``Origin`` (placed, accepted, corrected), ``Flags`` (such as
      ``uncertain``), ``Remark`` and, of what is or was proposed, ``Confidence``, ``Deviation`` (mm) and ``LabelMap``,
      the file of another program's that it comes from, and, of a weighted consensus, ``Uncertainty``, the standard
      error in mm; ``Proposal`` (rows of RAS mm), what was proposed when it was marked otherwise, and ``Unaided`` (true)
      where that was not shown; ``Repeat``, the second mark of a place that was asked for again, and the first as it
      was then (`hidden_repeats`); ``Omitted``: by slice number why nothing is proposed there
    - ``LabelMaps``: of label maps that were read an object each with ``File``, ``SHA256``, ``Program``, ``Table``
    - ``Drafts``: by key (``dura_7``) the one or two points, RAS mm, of a contour that is only begun
    - ``Controls``: where nothing is proposed, so that what proposals do can be told (`unaided_controls`)
    - ``Repeats``: where a root is asked for a second time, its first mark hidden (`hidden_repeats`)
    - ``Made``: of what a program made, which one (``By``) and the ``SHA256`` of every file as it was made
    - ``SignOff``: null, or an object with ``By``, ``Date`` and ``Incomplete`` (what was missing, as sentences)
    """

    document: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Provenance:
        """The sidecar of the path; an empty one if there is no such file.

        Raises
        ------
        DatasetError
            if it cannot be read or was not fetched, is no JSON object, or holds something of another kind under a key
            of ours.
        """
        check_fetched(path)
        if not path.exists():
            return cls()
        if not path.is_file():
            raise DatasetError(_("is no file"), path)
        try:
            document = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), path) from error
        except (ValueError, RecursionError) as error:
            raise DatasetError(_("is no whole JSON file ({error})").format(error=error), path) from error
        if not isinstance(document, dict):
            raise DatasetError(_("is no JSON object"), path)
        try:
            _check(document)
        except SpineRootError as error:
            raise DatasetError(error.fault, path) from None
        return cls(document)

    @property
    def is_consensus(self) -> bool:
        """Whether it says that the annotation is the agreed one, not one annotator's."""
        return "Consensus" in self.document

    def text(self) -> str:
        """The text of the file."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"

    def copy(self) -> Provenance:
        """An independent copy."""
        return Provenance(copy.deepcopy(self.document))

    @property
    def annotator(self) -> str | None:
        """The annotator's label."""
        annotator = self.document.get("Annotator")
        return None if annotator is None else str(annotator)

    @property
    def repeat_of(self) -> str | None:
        """The label of the annotation that the same annotator made before, where this is a repeat of it."""
        first = self.document.get("RepeatOf")
        return None if first is None else str(first)

    @property
    def signed_off(self) -> bool:
        """Whether the annotator has declared the subject finished."""
        return bool(self.document.get("SignOff"))

    def structure(self, key: str) -> dict[str, Any]:
        """The record of a structure (``nerveroots_L1_L``), made when missing."""
        record: dict[str, Any] = self.document.setdefault("Structures", {}).setdefault(key, {})
        return record

    def at(self, place: Place) -> dict[str, Any]:
        """The record of a place, empty if there is none; of a ganglion the one that it has, under whatever number."""
        points: dict[str, Any] = self.document.get("Structures", {}).get(place.key, {}).get("Points", {})
        record: dict[str, Any] = points.get(str(place.record_number), {})
        if not record and place.structure == GANGLIA:
            record = next(iter(points.values()), {})
        return record

    def uncertainty(self, structure: str) -> list[float]:
        """The standard errors, mm, of a structure's places (``nerveroots_L1_L``, ``dura``), as far as they are told."""
        records: dict[str, Any] = self.document.get("Structures", {})
        found = []
        for key, record in records.items():
            if key == structure or re.fullmatch(rf"{re.escape(structure)}_[0-9]+", key):
                values = (point.get("Uncertainty") for point in record.get("Points", {}).values())
                found += [float(value) for value in values if isinstance(value, int | float)]
        return found

    def is_proposed(self, place: Place) -> bool:
        """Whether a program proposed what is there, and nobody has confirmed it."""
        return PROPOSED in self.at(place).get("Flags", [])

    @property
    def last_edited(self) -> str:
        """When anything was edited last, ISO 8601, else the sign-off's date; empty where nothing tells."""
        records = self.document.get("Structures", {}).values()
        edits = [str(each["LastEdited"]) for each in records if each.get("LastEdited")]
        signed = self.document.get("SignOff")
        return max(edits, default=str(signed.get("Date", "")) if isinstance(signed, dict) else "")

    @property
    def proposed(self) -> int:
        """In how many places a program's proposal stands that nobody has confirmed."""
        records = self.document.get("Structures", {}).values()
        return sum(PROPOSED in point.get("Flags", []) for each in records for point in each.get("Points", {}).values())

    def set_at(self, place: Place, record: dict[str, Any] | None) -> None:
        """Put the record of a place; None or an empty one removes it."""
        points: dict[str, Any] = self.structure(place.key).setdefault("Points", {})
        if place.structure == GANGLIA:
            points.clear()
        if record:
            points[str(place.record_number)] = record
        else:
            points.pop(str(place.record_number), None)

    def planes(self) -> SlicePlanes | None:
        """The slice planes of the CISS image as recorded, or None where they are not, or not usable."""
        image = self.document.get("Images", {}).get("CISS", {})
        try:
            return SlicePlanes.from_json(image)
        except (SpineRootError, KeyError, TypeError, ValueError, IndexError, OverflowError):
            return None


def proposed_points(record: dict[str, Any]) -> NDArray[np.float64] | None:
    """What was proposed at a place when it was marked, (n, 3) RAS mm; None where its record does not say."""
    try:
        points = np.asarray(record[PROPOSAL], dtype=float)
    except (KeyError, TypeError, ValueError):
        return None
    return points if points.ndim == 2 and points.shape[1] == 3 and bool(np.isfinite(points).all()) else None


def _check(document: dict[str, Any]) -> None:
    """Refuse what would be taken for something else later on."""
    annotator = document.get("Annotator")
    if annotator is not None:
        check_label(str(annotator), "annotator")
    if document.get("RepeatOf") is not None:
        check_label(str(document["RepeatOf"]), "annotator")
    for key in ("Images", "Structures"):
        _check_objects(document.get(key, {}), key)
    for name, record in document.get("Structures", {}).items():
        _check_structure(record, f"Structures/{name}")


def _check_structure(record: dict[str, Any], where: str) -> None:
    for key in ("Seconds", *(origin.capitalize() for origin in ORIGINS)):
        if not _is_number(record.get(key, 0)):
            raise SpineRootError(_("'{key}' is no number").format(key=f"{where}/{key}"))
    points = record.get("Points", {})
    _check_objects(points, f"{where}/Points")
    for number, point in points.items():
        if not _SLICE_NUMBER.fullmatch(number):
            fault = _("'{key}' has '{number}' where the number of a slice belongs")
            raise SpineRootError(fault.format(key=f"{where}/Points", number=number))
        _check_point(point, f"{where}/Points/{number}")


def _is_number(value: Any) -> bool:
    """Whether it can be reckoned with: finite, and no whole number that no float can hold."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _check_point(point: dict[str, Any], where: str) -> None:
    flags = point.get("Flags", [])
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise SpineRootError(_("'{key}' is no list of words").format(key=f"{where}/Flags"))
    for key in ("Origin", "Remark"):
        if not isinstance(point.get(key), str | None):
            raise SpineRootError(_("'{key}' is no text").format(key=f"{where}/{key}"))


def _check_objects(value: Any, key: str) -> None:
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise SpineRootError(_("'{key}' is no JSON object of objects").format(key=key))
