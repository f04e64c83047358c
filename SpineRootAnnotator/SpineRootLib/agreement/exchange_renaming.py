"""Names put right where they were exchanged."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.exchange import Exchange, levels_between
from SpineRootLib.agreement.exchange_search import find_exchanges
from SpineRootLib.agreement.raters import Raters
from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.anatomy import GANGLIA, ROOTS, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.translation import _


def exchange_names(annotation: Annotation, exchange: Exchange) -> Annotation:
    """A copy of an annotation in which the names of an exchange are put right; the original is left as it is.

    Parameters
    ----------
    annotation : of the exchange's annotator, whose roots get the reference's names; or of the reference, whose roots
        get the annotator's.

    Raises
    ------
    SpineRootError
        if a root would lose its name to another, and there is none for it.
    """
    back = annotation.annotator == exchange.reference
    return _renamed(annotation, exchange, back)


def exchange_in(raters: Raters, exchange: Exchange, label: str) -> Raters:
    """The annotators, with the names of an exchange put right in the work of one of its two.

    Raises
    ------
    SpineRootError
        if the label is neither's, or a root would lose its name.
    """
    if label not in (exchange.reference, exchange.annotator):
        fault = _("{place}: the exchange is between {a} and {b}, not {label}")
        words = {"place": exchange.place, "a": exchange.reference, "b": exchange.annotator, "label": label}
        raise SpineRootError(fault.format(**words))
    corrected = _renamed(raters.annotations[label], exchange, label == exchange.reference)
    return replace(raters, annotations={**raters.annotations, label: corrected})


def settle_names(raters: Raters, resolutions: Resolutions) -> tuple[Raters, list[Exchange]]:
    """The annotators with the names put right as it was settled, and every exchange, settled or not.

    Raises
    ------
    SpineRootError
        if an answer cannot be followed.
    """
    settled: list[Exchange] = []
    while True:
        exchanges = find_exchanges(raters)
        answered = [(each, resolutions.exchanged_in(each.place)) for each in exchanges if each not in settled]
        chosen = [(each, label) for each, label in answered if label in (each.reference, each.annotator)]
        if not chosen:
            return raters, [*settled, *(each for each in exchanges if each not in settled)]
        exchange, label = chosen[0]
        settled.append(exchange)
        raters = exchange_in(raters, exchange, str(label))


def _renamed(annotation: Annotation, exchange: Exchange, back: bool) -> Annotation:
    corrected = copy.deepcopy(annotation)
    for structure in (ROOTS, GANGLIA):
        pairs = [pair for pair in exchange.pairs if pair.structure == structure]
        names = {pair.named: pair.lies_on for pair in pairs}
        if back:
            names = {new: old for old, new in names.items()}
        _complete(names, annotation, structure, exchange)
        if structure == ROOTS:
            _rename_roots(corrected, annotation, names, None if exchange.throughout else exchange.slices)
        else:
            _rename_ganglia(corrected, annotation, names)
    return corrected


def _complete(names: dict[Root, Root], annotation: Annotation, structure: str, exchange: Exchange) -> None:
    """See that nothing loses its name to another: at the end of a shifted row the name goes on to the next level.

    Raises
    ------
    SpineRootError
        if there is no such level in the study.
    """
    marked: Mapping[Root, object] = annotation.roots if structure == ROOTS else annotation.ganglia
    steps = {levels_between(old, new) for old, new in names.items()}
    step = steps.pop() if len(steps) == 1 else None
    for taken in sorted(set(names.values()) - names.keys()):
        if taken not in marked or (structure == ROOTS and not _occupied(annotation, taken, names, exchange)):
            continue
        level = -1 if not step else annotation.segments.index(taken.segment) + step
        if not 0 <= level < len(annotation.segments):
            fault = _("{name} would lose its name to another root, and there is none for it: name it in the Annotator")
            raise SpineRootError(fault.format(name=taken))
        names[taken] = Root(annotation.segments[level], taken.side)


def _occupied(annotation: Annotation, taken: Root, names: Mapping[Root, Root], exchange: Exchange) -> bool:
    """Whether a root has points where another would get its name."""
    comes = next(old for old, new in names.items() if new == taken)
    here, there = (annotation.root_by_slice(root).keys() for root in (taken, comes))
    wanted = here & there if exchange.throughout else here & there & set(exchange.slices)
    return bool(wanted)


def _rename_roots(
    corrected: Annotation, original: Annotation, names: Mapping[Root, Root], slices: Sequence[int] | None
) -> None:
    moved: dict[Root, dict[int, tuple[NDArray[np.float64], dict[str, Any]]]] = {}
    for old, new in names.items():
        points = original.root_by_slice(old)
        for number in points if slices is None else sorted(points.keys() & set(slices)):
            record = dict(original.provenance.at(Place(ROOTS, old, number)))
            moved.setdefault(new, {})[number] = points[number], record
            corrected.set_root_point(old, number, None)
            corrected.provenance.set_at(Place(ROOTS, old, number), None)
    for new, points_there in moved.items():
        for number, (point, record) in points_there.items():
            corrected.set_root_point(new, number, point)
            corrected.provenance.set_at(Place(ROOTS, new, number), record)


def _rename_ganglia(corrected: Annotation, original: Annotation, names: Mapping[Root, Root]) -> None:
    for old in names:
        corrected.set_ganglion(old, None)
        corrected.provenance.set_at(Place(GANGLIA, old), None)
    for old, new in names.items():
        if old in original.ganglia:
            corrected.set_ganglion(new, original.ganglia[old])
            corrected.provenance.set_at(Place(GANGLIA, new), dict(original.provenance.at(Place(GANGLIA, old))))
