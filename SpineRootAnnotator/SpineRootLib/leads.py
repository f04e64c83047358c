"""Leads for epidural stimulation, as JSON describes them: those of the package, and files of one's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.errors import SpineRootError

PADDLE, CYLINDER = "paddle", "cylinder"
_FOLDER = Path(__file__).parent / "Resources"
_SIZES = {
    PADDLE: ("length_mm", "width_mm", "thickness_mm", "contact_length_mm", "contact_width_mm"),
    CYLINDER: ("length_mm", "diameter_mm", "contact_length_mm"),
}
# numbers of regions end there
_MOST_CONTACTS = 55
# a size beyond this is a slip of the unit
_LARGEST_MM = 300.0


@dataclass(frozen=True)
class LeadDescription:
    """A lead, flat as it lies on a table.

    Parameters
    ----------
    kind : ``paddle`` or ``cylinder``.
    length_mm : along the body, as far as it is modelled.
    width_mm, thickness_mm : across it; of a cylinder both are its diameter.
    contact_length_mm, contact_width_mm : of each contact; of a ring the width says nothing.
    contacts : their middles from the middle of the body, along towards the feet and across to the left of the body,
        mm; contact 1 is the first of the first column.
    source : where its sizes are from.
    """

    name: str
    kind: str
    length_mm: float
    width_mm: float
    thickness_mm: float
    contact_length_mm: float
    contact_width_mm: float
    contacts: tuple[tuple[float, float], ...]
    source: str

    @property
    def contact_area_mm2(self) -> float:
        """Of each contact by its sizes: of a plate its face, of a ring its surface about the body."""
        around = np.pi * self.width_mm if self.kind == CYLINDER else self.contact_width_mm
        return float(self.contact_length_mm * around)


def known_leads() -> list[str]:
    """The names of the package's own leads."""
    return sorted(path.stem.removeprefix("lead-") for path in _FOLDER.glob("lead-*.json"))


def read_lead(name: str) -> LeadDescription:
    """A lead of the package by its name, or of a JSON file by its path.

    Raises
    ------
    SpineRootError
        if there is no such lead, or its file does not describe one.
    """
    own = _FOLDER / f"lead-{name}.json"
    path = own if name in known_leads() else Path(name)
    if path is not own and path.suffix.lower() != ".json":
        raise SpineRootError(f"'{name}' is no lead ({', '.join(known_leads())}, or a file FILE.json)")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpineRootError("cannot be read as a lead", path) from error
    except (ValueError, RecursionError) as error:
        raise SpineRootError("is no JSON, so that it describes no lead", path) from error
    return _described(document, path)


def _described(document: Any, path: Path) -> LeadDescription:
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind not in _SIZES:
        raise SpineRootError(f"is no lead: its kind must be {PADDLE} or {CYLINDER}", path)
    sizes = {key: _size(document, key, path) for key in _SIZES[kind]}
    contacts = _contacts(document.get("columns"), path)
    width = sizes.get("width_mm", sizes.get("diameter_mm", 0.0))
    lead = LeadDescription(
        name=str(document.get("name", path.stem)),
        kind=kind,
        length_mm=sizes["length_mm"],
        width_mm=width,
        thickness_mm=sizes.get("thickness_mm", width),
        contact_length_mm=sizes["contact_length_mm"],
        contact_width_mm=sizes.get("contact_width_mm", width),
        contacts=contacts,
        source=str(document.get("source", "")),
    )
    _check(lead, path)
    return lead


def _size(document: dict[str, Any], key: str, path: Path) -> float:
    value: Any = document.get(key)
    if not _is_number(value) or not 0 < value <= _LARGEST_MM:
        raise SpineRootError(f"is no lead: {key} must be a length in mm", path)
    return float(value)


def _contacts(columns: Any, path: Path) -> tuple[tuple[float, float], ...]:
    fault = "is no lead: columns must be a list of objects with across_mm and the list along_mm"
    try:
        found = [(along, column["across_mm"]) for column in columns for along in column["along_mm"]]
    except (TypeError, KeyError) as error:
        raise SpineRootError(fault, path) from error
    if not all(_is_number(value) and abs(value) <= _LARGEST_MM for pair in found for value in pair):
        raise SpineRootError(fault, path)
    if not 1 <= len(found) <= _MOST_CONTACTS:
        raise SpineRootError(f"is no lead: it has {len(found)} contacts, not 1 to {_MOST_CONTACTS}", path)
    return tuple((float(along), float(across)) for along, across in found)


def _check(lead: LeadDescription, path: Path) -> None:
    """Contacts lie on the body, and apart."""
    round_one = lead.kind == CYLINDER
    long, wide = lead.contact_length_mm, 0.0 if round_one else lead.contact_width_mm
    for number, (along, across) in enumerate(lead.contacts, start=1):
        off = round_one and across != 0.0
        if off or abs(along) + long / 2 >= lead.length_mm / 2 or abs(across) + wide / 2 >= lead.width_mm / 2:
            raise SpineRootError(f"is no lead: contact {number} does not lie on its body", path)
        for other, (beside, aside) in enumerate(lead.contacts[: number - 1], start=1):
            if abs(along - beside) <= long and abs(across - aside) <= wide:
                raise SpineRootError(f"is no lead: contacts {other} and {number} touch", path)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
