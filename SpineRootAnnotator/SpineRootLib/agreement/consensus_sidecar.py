"""The sidecar of a consensus: who took part, when, what was resolved how, and which places are doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpineRootLib import __version__
from SpineRootLib.agreement.disagreements import flags_at, remark_at
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.clock import now
from SpineRootLib.place import Place
from SpineRootLib.provenance import Provenance

SINGLE_FLAG = "single"


def consensus_provenance(
    raters: Raters,
    resolutions: Resolutions,
    how: Mapping[str, Any],
    places: Iterable[Place],
    single: Iterable[Place],
    uncertainty: Mapping[Place, float] | None = None,
) -> Provenance:
    """What is recorded with a consensus.

    Parameters
    ----------
    how : the settings it was made with.
    places : what it holds; the annotators' flags there are carried over.
    single : the places that only one annotator marked, which are flagged.
    uncertainty : mm, of the places where it is known.
    """
    provenance = Provenance(
        {
            "Software": {"Name": "SpineRoot", "Version": __version__},
            "Images": _images(raters),
            "Consensus": {
                "Date": now(),
                "Annotators": [_rater(raters, label) for label in raters.labels],
                **how,
                "Resolutions": [resolutions.by_place[place].as_json() for place in sorted(resolutions.by_place)],
            },
        }
    )
    alone = set(single)
    for place in sorted(places):
        flags, remark = _doubts(raters, place, place in alone)
        record: dict[str, Any] = {"Flags": flags, "Remark": remark} if flags else {}
        if uncertainty and place in uncertainty:
            record["Uncertainty"] = round(uncertainty[place], 4)
        if record:
            provenance.set_at(place, record)
    return provenance


def _images(raters: Raters) -> dict[str, Any]:
    images: dict[str, Any] = {}
    for annotation in raters.annotations.values():
        images = {**annotation.provenance.document.get("Images", {}), **images}
    return images


def _rater(raters: Raters, label: str) -> dict[str, Any]:
    document = raters.annotations[label].provenance.document
    return {
        "Annotator": label,
        "SignOff": document.get("SignOff"),
        "Software": document.get("Software"),
        "Levels": list(raters.levels(label)),
    }


def _doubts(raters: Raters, place: Place, alone: bool) -> tuple[list[str], str]:
    flags, remarks = [], []
    for label, marks in raters.marks.items():
        flags += [flag for flag in flags_at(raters, label, place) if flag not in flags]
        if remark := remark_at(raters, label, place):
            remarks.append(f"{label}: {remark}")
        if alone and place in marks:
            remarks.append(f"marked by {label} only")
    return ([*flags, SINGLE_FLAG] if alone else flags), "; ".join(remarks)
