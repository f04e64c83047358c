"""The numbers of regions, the same in label maps, conforming sets and tables, and what their tissues conduct.

A number belongs to a structure and not to its place in a list: a root that is missing leaves its number free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, SIDES, Root, segment_level
from SpineRootLib.tables import Meaning

OUTSIDE = "outside"
# what a model has around the dura and within the cord, and a lead with its contacts, ``contact_1`` ...
GREY, FAT, BACK, LEAD, CONTACT = "grey", "fat", "back", "lead", "contact"
# 1 to 9 are for structures that are no roots
_FIXED = {CORD: 1, CSF: 2, DURA: 3, GREY: 4, FAT: 5, BACK: 6, LEAD: 7}
# contacts come after all roots
_FIRST_CONTACT, _MOST_CONTACTS = 200, 55
# From here on two numbers a level of the spine, C1 to S5 with T13 and L6: left, right. All of them fit into a byte.
_FIRST_ROOT, _BEYOND_DURA = 10, 100
# of the table of regions: what each column means
COLUMNS: dict[str, Meaning] = {
    "index": ("Number of the region, the same in label maps", None),
    "name": ("Name of the region", None),
    "abbreviation": ("Its short name", None),
    "tissue": ("What it is made of", None),
    "along_S_per_m": ("Conductivity along the fibres; of other tissues in all directions", "S/m"),
    "across_S_per_m": ("Conductivity across the fibres; of other tissues in all directions", "S/m"),
    "source": ("Where the conductivities are from", None),
    "along_range": ("Least and most found in the literature, along", "S/m"),
    "across_range": ("Least and most found in the literature, across", "S/m"),
    "range_source": ("Where the range is from", None),
    "origin": ("measured, modelled, or measured and modelled", None),
    "modelled_percent": ("Share of the surface that was modelled and not annotated, in per cent", None),
}


@dataclass(frozen=True)
class TissueConductivity:
    """What a tissue conducts, S/m.

    Parameters
    ----------
    along, across : the fibres of nervous tissue; alike in others.
    source : of these.
    along_range, across_range : what is found in the literature, each as ``least-most``; `range_source`, where.
    """

    name: str
    along: float
    across: float
    source: str
    along_range: str
    across_range: str
    range_source: str


_LADENBAUER = "Ladenbauer et al. 2010; Capogrosso et al. 2013, table 1"
_RANCK = "Ranck and BeMent 1965, dorsal columns of the cat"
CEREBROSPINAL_FLUID = TissueConductivity(
    *("cerebrospinal fluid", 1.7, 1.7, _LADENBAUER, "1.45-1.79", "1.45-1.79"),
    "Baumann et al. 1997, at 25 and at 37 degrees",
)
WHITE_MATTER = TissueConductivity("white matter", 0.6, 0.083, _LADENBAUER, "0.47-0.72", "0.083", _RANCK)
NERVE_ROOT = TissueConductivity(
    *("nerve root, as white matter", 0.6, 0.083, _LADENBAUER, "0.57-0.6", "0.083-0.17"),
    "endoneurium of peripheral nerves, after Ranck and BeMent 1965",
)


def _alike(name: str, value: float, source: str) -> TissueConductivity:
    """A tissue that conducts alike in all directions, of which one value is known."""
    return TissueConductivity(name, value, value, source, f"{value:g}", f"{value:g}", source)


# what lies around the dura, and in the cord
_OTHERS = {
    GREY: ("grey matter of the cord", "GM", _alike("grey matter", 0.23, _LADENBAUER)),
    DURA: ("dura mater", "dura", _alike("dura mater", 0.03, _LADENBAUER)),
    FAT: ("epidural fat", "fat", _alike("epidural fat", 0.04, _LADENBAUER)),
    BACK: ("back around the epidural space", "back", _alike("tissues of the trunk", 0.25, _LADENBAUER)),
    LEAD: ("body of the lead", "lead", _alike("silicone", 1e-12, "Callister and Rethwisch 2012")),
}
_PLATINUM = _alike("platinum", 9.43e6, "de Podesta 1996")


@dataclass(frozen=True)
class Region:
    """One region of space.

    Parameters
    ----------
    part : its name in files: ``cord``, ``nerveroots_L1_L_outside``.
    number : from 1 to 255.
    """

    part: str
    number: int
    name: str
    abbreviation: str
    tissue: TissueConductivity


def region_of(part: str) -> Region:
    """The region of a name: ``cord``, ``csf``, ``nerveroots_L1_L`` within the dura, ``nerveroots_L1_L_outside``.

    Of surroundings ``dura``, ``fat``, ``back``, ``grey``, ``lead`` and, numbered from 1, ``contact_1`` ...

    Raises
    ------
    KeyError
        for any other name.
    """
    if part == CORD:
        return Region(part, _FIXED[CORD], "spinal cord", "SC", WHITE_MATTER)
    if part == CSF:
        return Region(part, _FIXED[CSF], "cerebrospinal fluid inside the dura", "CSF", CEREBROSPINAL_FLUID)
    if part in _OTHERS:
        return Region(part, _FIXED[part], *_OTHERS[part])
    structure, _mark, rest = part.partition("_")
    if structure == CONTACT and rest.isdigit() and 1 <= int(rest) <= _MOST_CONTACTS:
        return Region(part, _FIRST_CONTACT + int(rest) - 1, f"contact {rest} of the lead", f"C{rest}", _PLATINUM)
    if structure != ROOTS:
        raise KeyError(part)
    name, beyond = rest.removesuffix(f"_{OUTSIDE}"), rest.endswith(f"_{OUTSIDE}")
    return root_region(Root.parse(name), beyond)


def root_region(root: Root, beyond: bool = False) -> Region:
    """The region of a root within the dura, or beyond it."""
    number = _FIRST_ROOT + 2 * segment_level(root.segment) + SIDES.index(root.side) + _BEYOND_DURA * beyond
    words = f"nerve root {root.segment} {'left' if root.side == 'L' else 'right'}"
    if beyond:
        return Region(f"{ROOTS}_{root}_{OUTSIDE}", number, f"{words} outside the dura", f"{root}_out", NERVE_ROOT)
    return Region(f"{ROOTS}_{root}", number, words, str(root), NERVE_ROOT)


def rows(modelled: Mapping[str, float]) -> list[dict[str, Any]]:
    """The rows of ``sub-XX_regions.tsv`` by number, columns as in `COLUMNS`.

    Parameters
    ----------
    modelled : by part the per cent of its surface that were modelled and not annotated.
    """
    found = sorted((region_of(part) for part in modelled), key=lambda region: region.number)
    return [
        {
            **{"index": each.number, "name": each.name, "abbreviation": each.abbreviation},
            **{"tissue": each.tissue.name, "along_S_per_m": each.tissue.along, "across_S_per_m": each.tissue.across},
            **{"source": each.tissue.source, "range_source": each.tissue.range_source},
            **{"along_range": each.tissue.along_range, "across_range": each.tissue.across_range},
            **{"origin": _origin(modelled[each.part]), "modelled_percent": round(modelled[each.part], 1)},
        }
        for each in found
    ]


def _origin(percent: float) -> str:
    if percent <= 0.0:
        return "measured"
    return "modelled" if percent >= 100.0 else "measured and modelled"
