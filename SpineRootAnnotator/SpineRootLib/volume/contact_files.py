"""The table of a lead's contacts: their regions, and where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.regions import region_of
from SpineRootLib.surfaces.model import Model
from SpineRootLib.tables import Meaning, write_described

_COLUMNS: dict[str, Meaning] = {
    "name": ("Name of the contact, and of its region", None),
    "index": ("Number of its region, as in the table of regions", None),
    **{axis: (f"Middle of its face towards the dura, {axis} of LPS", "mm") for axis in "xyz"},
    "area_mm2": ("Area of all of its surface that touches tissue, with the rim that stands out of the lead", "mm^2"),
    "nominal_area_mm2": ("Area of a contact by the sizes in the lead's description", "mm^2"),
}


def write_contacts(model: Model, folder: Path) -> list[Path]:
    """Write ``sub-XX_contacts.tsv`` and what its columns mean, where there is a lead; the files.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    lead = model.lead
    if lead is None:
        return []
    inner = model.regions["lead"]
    on_lead = {tuple(sorted(map(tuple, corners))) for corners in inner.corners.round(7).tolist()}
    rows = []
    for name, middle in zip(lead.contacts, flip_ras_lps(lead.middles).tolist(), strict=True):
        surface = model.regions[name]
        keys = (tuple(sorted(map(tuple, corners))) for corners in surface.corners.round(7).tolist())
        free = np.array([key not in on_lead for key in keys])
        area = float(np.linalg.norm(surface.normals(), axis=1)[free].sum() / 2)
        place = dict(zip("xyz", middle, strict=True))
        areas = {"area_mm2": area, "nominal_area_mm2": lead.description.contact_area_mm2}
        rows.append({"name": name, "index": region_of(name).number, **place, **areas})
    return write_described(folder / f"sub-{model.subject}_contacts.tsv", list(_COLUMNS), rows, _COLUMNS)
