"""What annotators have to talk about: places where they are far apart, where one marked nothing, or was unsure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.curve_distance import distance_to_curve, evenly
from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import Resolution, Resolutions
from SpineRootLib.agreement.tables import position_cells
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.place import Place

DISAGREEMENTS = (
    *("rank", "structure", "segment", "side", "slice", "kind", "size_mm", "needs_resolution"),
    *("x_mm", "y_mm", "z_mm", "annotators", "said", "flags", "resolution"),
)
APART, SINGLE, FLAGGED, OUTDATED = "apart", "single", "flagged", "outdated"


@dataclass(frozen=True)
class DisagreementSettings:
    """From where on annotators disagree; of contours the largest distance between the two curves counts.

    Parameters
    ----------
    discuss_mm : larger differences are listed. Roots are 0.8-1.4 mm thick on CISS, so that two points farther apart
        than 1.5 mm cannot lie on the same root.
    limit_mm : larger differences are not averaged unless they are resolved or accepted: half the width of a common
        paddle lead (10 mm, Medtronic 5-6-5), against which Liu et al. 2024 judge the agreement.
    """

    discuss_mm: float = 1.5
    limit_mm: float = 5.0


@dataclass(frozen=True, eq=False)
class Disagreement:
    """One place to discuss.

    Parameters
    ----------
    kind : ``apart`` (size above the setting), ``single`` (somebody marked nothing here), ``flagged`` (close enough,
        but somebody set a flag such as ``uncertain``), ``outdated`` (none of these, but settled for other marks).
    size_mm : the largest distance between two annotators; None where only one marked it.
    position : (3,) RAS mm, where to look: midway, or where two curves are farthest apart.
    said : what each annotator marked here, (n, 3) RAS mm, None for nothing.
    flags : each annotator's flags and remark here, as one text.
    needs_resolution : whether it has to be settled: it is above the limit, or was settled for other marks.
    """

    place: Place
    kind: str
    size_mm: float | None
    position: NDArray[np.float64]
    said: Mapping[str, Points | None]
    flags: Mapping[str, str] = field(default_factory=dict)
    needs_resolution: bool = False

    def text_said(self) -> str:
        """What each annotator marked, as text: ``A (x y z), B nothing``; of contours the number of control points."""
        return ", ".join(f"{label} {_text(points)}" for label, points in self.said.items())

    def row(self, rank: int, resolution: str | None) -> dict[str, Any]:
        """Its row of the table; `resolution` is how it was settled."""
        return {
            **{"rank": rank, **self.place.cells(), "kind": self.kind, "size_mm": self.size_mm},
            **{"needs_resolution": "yes" if self.needs_resolution else "no", **position_cells(self.position)},
            "annotators": " ".join(label for label, points in self.said.items() if points is not None),
            "said": self.text_said(),
            "flags": "; ".join(f"{label}: {text}" for label, text in self.flags.items()),
            "resolution": resolution,
        }


def find_disagreements(
    raters: Raters,
    pairs: Sequence[PairAgreement],
    settings: DisagreementSettings | None = None,
    resolutions: Resolutions | None = None,
) -> list[Disagreement]:
    """All places to discuss: those farthest apart first, then what is flagged, then what somebody did not mark.

    Parameters
    ----------
    resolutions : what was settled before. It is reviewed, and what was settled for other marks is listed again.
    """
    settings, resolutions = settings or DisagreementSettings(), resolutions or Resolutions()
    resolutions.review(raters.marks)
    sizes, outdated = _sizes(pairs), resolutions.outdated
    places = sorted(set().union(*raters.marks.values()) | outdated.keys())
    listed = (_listed(raters, place, sizes.get(place), settings, outdated.get(place)) for place in places)
    found = [each for each in listed if each is not None]
    return sorted(found, key=lambda each: (-(each.size_mm or 0.0), each.kind != FLAGGED, each.place))


def _listed(
    raters: Raters, place: Place, size: float | None, settings: DisagreementSettings, outdated: Resolution | None
) -> Disagreement | None:
    """The disagreement at a place, None where there is none."""
    said = {label: marks.get(place) for label, marks in raters.marks.items()}
    flags = dict(_flags(raters, place))
    kind = _kind(size, said, flags, min(settings.discuss_mm, settings.limit_mm))
    if kind is None and outdated is None:
        return None
    marked = [points for points in said.values() if points is not None]
    if outdated is not None and not marked:
        # nobody marks anything here any more: look where it was
        marked = [points for points in (outdated.said or {}).values() if points is not None]
    needs = outdated is not None or (size is not None and size > settings.limit_mm)
    return Disagreement(place, kind or OUTDATED, size, _position(place, marked), said, flags, needs)


def flags_at(raters: Raters, label: str, place: Place) -> list[str]:
    """An annotator's flags at a place, such as ``uncertain``."""
    flags = raters.annotations[label].provenance.at(place).get("Flags", [])
    return [str(flag) for flag in flags] if isinstance(flags, list) else []


def remark_at(raters: Raters, label: str, place: Place) -> str:
    """An annotator's remark at a place."""
    return str(raters.annotations[label].provenance.at(place).get("Remark") or "")


def _flags(raters: Raters, place: Place) -> Iterator[tuple[str, str]]:
    for label in raters.labels:
        words = " ".join(flags_at(raters, label, place))
        remark = remark_at(raters, label, place)
        if words:
            yield label, f"{words} ({remark})" if remark else words


def _sizes(pairs: Sequence[PairAgreement]) -> dict[Place, float]:
    sizes: dict[Place, float] = {}
    for pair in pairs:
        for each in (place for structure in pair.structures for place in structure.matched):
            size = each.distance_mm if each.hausdorff_mm is None else each.hausdorff_mm
            sizes[each.place] = max(size, sizes.get(each.place, 0.0))
    return sizes


def _kind(
    size: float | None, said: Mapping[str, Points | None], flags: Mapping[str, str], discuss_mm: float
) -> str | None:
    if size is not None and size > discuss_mm:
        return APART
    if flags:
        return FLAGGED
    return SINGLE if 0 < sum(points is None for points in said.values()) < len(said) else None


def _position(place: Place, marked: Sequence[Points]) -> NDArray[np.float64]:
    if not place.is_contour:
        return np.asarray(np.mean([points[0] for points in marked], axis=0))
    curves = [evenly(closed_curve(points), closed=True) for points in marked]
    away = [
        (distance_to_curve(other, curve, closed=True), curve)
        for curve in curves
        for other in curves
        if other is not curve
    ]
    if not away:
        return np.asarray(curves[0].mean(axis=0))
    distances, curve = max(away, key=lambda each: float(each[0].max()))
    return np.asarray(curve[int(np.argmax(distances))])


def _text(points: Points | None) -> str:
    if points is None:
        return "nothing"
    if len(points) > 1:
        return f"{len(points)} points"
    return "(" + " ".join(f"{value:.2f}" for value in points[0]) + ")"
