"""What annotators have to talk about: places where they are far apart, where one marked nothing, or was unsure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.curve_distance import distance_to_curve, evenly
from SpineRootLib.agreement.distances import PairAgreement
from SpineRootLib.agreement.exchange import Exchange
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import Resolution, Resolutions
from SpineRootLib.agreement.tables import position_cells
from SpineRootLib.anatomy import GANGLIA, ROOTS
from SpineRootLib.curves import closed_curve
from SpineRootLib.frames import Points
from SpineRootLib.place import Place

DISAGREEMENTS = (
    *("rank", "structure", "segment", "side", "slice", "kind", "size_mm", "needs_resolution"),
    *("x_mm", "y_mm", "z_mm", "annotators", "said", "flags", "resolution", "times_usual"),
)
APART, SINGLE, FLAGGED, OUTDATED, EXCHANGED = "apart", "single", "flagged", "outdated", "exchange"


@dataclass(frozen=True)
class DisagreementSettings:
    """From where on annotators disagree, and what is usual; of contours the largest distance of the curves counts.

    Parameters
    ----------
    discuss_mm : larger differences are listed. Roots are 0.8-1.4 mm thick on CISS, so that two points farther apart
        than 1.5 mm cannot lie on the same root.
    limit_mm : larger differences are not averaged unless they are resolved or accepted: half the width of a common
        paddle lead (10 mm, Medtronic 5-6-5), against which Liu et al. 2024 judge the agreement.
    usual_root_mm, usual_ganglion_mm, usual_contour_mm : the usual difference where fewer than `enough` places of the
        kind tell it: by eye, of two simulated annotators.
    enough : places.
    widest : a root's own usual difference counts up to this many times that of all roots, so that a root that is wrong
        from end to end does not pass for one that is hard to see.
    least_mm : a smaller usual difference is a matter of rounding.
    """

    discuss_mm: float = 1.5
    limit_mm: float = 5.0
    usual_root_mm: float = 0.5
    usual_ganglion_mm: float = 2.0
    usual_contour_mm: float = 0.5
    enough: int = 8
    widest: float = 2.0
    least_mm: float = 0.1


@dataclass(frozen=True, eq=False)
class Disagreement:
    """One place to discuss.

    Parameters
    ----------
    kind : ``apart`` (size above the setting), ``single`` (somebody marked nothing here), ``flagged`` (close enough,
        but somebody set a flag such as ``uncertain``), ``outdated`` (none of these, but settled for other marks),
        ``exchange`` (names of roots that look exchanged).
    size_mm : the largest distance between two annotators; None where only one marked it.
    position : (3,) RAS mm, where to look: midway, or where two curves are farthest apart.
    said : what each annotator marked here, (n, 3) RAS mm, None for nothing.
    flags : each annotator's flags and remark here, as one text.
    needs_resolution : whether it has to be settled: it is above the limit, or was settled for other marks.
    times_usual : how many times as large as usual here; None without a size.
    exchange : the names that look exchanged.
    """

    place: Place
    kind: str
    size_mm: float | None
    position: NDArray[np.float64]
    said: Mapping[str, Points | None]
    flags: Mapping[str, str] = field(default_factory=dict)
    needs_resolution: bool = False
    times_usual: float | None = None
    exchange: Exchange | None = None

    def text_said(self) -> str:
        """What each annotator marked, as text: ``A (x y z), B nothing``; of contours the number of control points."""
        if self.exchange is not None:
            return self.exchange.text
        return ", ".join(f"{label} {_text(points)}" for label, points in self.said.items())

    def row(self, rank: int, resolution: str | None) -> dict[str, Any]:
        """Its row of the table; `resolution` is how it was settled."""
        return {
            **{"rank": rank, **self.place.cells(), "kind": self.kind, "size_mm": self.size_mm},
            **{"needs_resolution": "yes" if self.needs_resolution else "no", **position_cells(self.position)},
            "annotators": " ".join(label for label, points in self.said.items() if points is not None),
            "times_usual": self.times_usual,
            "said": self.text_said(),
            "flags": "; ".join(f"{label}: {text}" for label, text in self.flags.items()),
            "resolution": resolution,
        }


def find_disagreements(
    raters: Raters,
    pairs: Sequence[PairAgreement],
    settings: DisagreementSettings | None = None,
    resolutions: Resolutions | None = None,
    exchanges: Sequence[Exchange] = (),
) -> list[Disagreement]:
    """All to discuss: names that look exchanged, then the places that differ most beyond what is usual there, then what
    is flagged, then what somebody did not mark.

    Parameters
    ----------
    exchanges : found between these annotators, settled or not.
    resolutions : what was settled before. It is reviewed, and what was settled for other marks is listed again.
    """
    settings, resolutions = settings or DisagreementSettings(), resolutions or Resolutions()
    resolutions.review(raters.marks)
    sizes, outdated = _sizes(pairs), resolutions.outdated
    places = sorted(set().union(*raters.marks.values()) | outdated.keys())
    usual = _usual(sizes, settings)
    listed = (_listed(raters, place, sizes.get(place), settings, outdated.get(place)) for place in places)
    found = [
        each if each.size_mm is None else replace(each, times_usual=each.size_mm / usual(each.place))
        for each in listed
        if each is not None
    ]
    ranked = sorted(found, key=lambda each: (-(each.times_usual or 0.0), each.kind != FLAGGED, each.place))
    return [*(_exchanged(raters, each) for each in exchanges), *ranked]


def _exchanged(raters: Raters, exchange: Exchange) -> Disagreement:
    """The disagreement about names."""
    first = exchange.pairs[0]
    marks = raters.marks[exchange.annotator]
    root = [points for place, points in marks.items() if place.without_slice == first.place]
    # put right by now, it bears the other name
    root = root or [points for place, points in marks.items() if place.root == first.lies_on]
    said = dict.fromkeys((exchange.reference, exchange.annotator), np.concatenate(root))
    position = np.concatenate(root)[len(root) // 2]
    return Disagreement(
        exchange.place, EXCHANGED, exchange.size_mm, position, said, needs_resolution=True, exchange=exchange
    )


def _usual(sizes: Mapping[Place, float], settings: DisagreementSettings) -> Callable[[Place], float]:
    """The usual difference at a place: the median over the structure, of a root that of the root, within limits."""
    kinds: dict[Place, list[float]] = {}
    for place, size in sizes.items():
        for kind in {Place(place.structure), place.without_slice}:
            kinds.setdefault(kind, []).append(size)
    medians = {kind: float(np.median(each)) for kind, each in kinds.items() if len(each) >= settings.enough}
    default = {ROOTS: settings.usual_root_mm, GANGLIA: settings.usual_ganglion_mm}

    def usual(place: Place) -> float:
        of_all = medians.get(Place(place.structure), default.get(place.structure, settings.usual_contour_mm))
        own = medians.get(place.without_slice, of_all)
        return max(min(max(own, of_all), settings.widest * of_all), settings.least_mm)

    return usual


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
