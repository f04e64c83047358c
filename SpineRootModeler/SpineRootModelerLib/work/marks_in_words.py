"""What annotators marked at a place, in words that a reader can judge: how far apart, and in which direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.agreement.disagreements import Disagreement
from SpineRootLib.agreement.distances import Distance, PairAgreement
from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.work.comparison import Comparison
from SpineRootModelerLib.work.discussion import Discussion

# what is less along an axis is not told: the jitter of careful annotators (0.1 mm)
_TOLD_MM = 0.1


def place_text(discussion: Discussion, place: Place | None) -> str:
    """What is to be read of a place: what everybody marked there and how it was settled; empty for none."""
    if place is None:
        return ""
    listed = next((each for each in discussion.disagreements if each.place == place), None)
    if listed is None:
        text = _("{place}: {said}. It is not among the places to discuss: Next or a row of the table leads to those.")
        return text.format(place=place.title, said=said(discussion.comparison, place))
    return f"{_listed_text(discussion.comparison, listed)}. {_state(discussion, place)}".strip()


def compared_text(discussion: Discussion) -> str:
    """What is to be said of a new comparison: whose names look exchanged, how much there is, what changed since."""
    names = [each for each in discussion.pending() if each.exchange is not None]
    asked = [_("{text}. Open Discuss and say whose names are right.").format(text=_names_text(each)) for each in names]
    return " ".join([*asked, left_text(discussion), *discussion.outdated()]).strip()


def left_text(discussion: Discussion) -> str:
    """How much there is to discuss, how much of it is open, and how much must be settled."""
    listed, rows = len(discussion.disagreements), len(discussion.rows)
    if not listed:
        return _("Nothing to discuss: the annotators agree everywhere.")
    text = _("To discuss: {listed}, rows: {rows}. Open: {open}. To be settled before a consensus: {must}.")
    must, still_open = len(discussion.pending()), len(discussion.unresolved())
    return text.format(listed=listed, rows=rows, open=still_open, must=must)


def said(comparison: Comparison, place: Place) -> str:
    """Who marked a place, how far each two are apart there and in which direction."""
    apart = [_apart(pair, place) for pair in comparison.pairs]
    sentences = [sentence for sentence in apart if sentence]
    without = [label for label, marks in comparison.raters.marks.items() if place not in marks]
    marked = [label for label in comparison.raters.labels if label not in without]
    if without and marked:
        alone = _("{marked} marked it, {others} did not")
        sentences.append(alone.format(marked=_list(marked), others=_list(without)))
    return "; ".join(sentences)


def direction(offset: NDArray[np.float64]) -> str:
    """A way, (3,) mm to the right, to the front and towards the feet, in words: the longest part first."""
    ways = (
        (_("to the patient's right"), _("to the patient's left")),
        (_("to the front"), _("to the back")),
        (_("towards the feet"), _("towards the head")),
    )
    parts = [(abs(float(step)), way[int(step < 0)]) for step, way in zip(offset, ways, strict=True)]
    told = sorted((part for part in parts if part[0] >= _TOLD_MM), reverse=True)
    return ", ".join(f"{away:.1f} mm {way}" for away, way in told)


def _listed_text(comparison: Comparison, listed: Disagreement) -> str:
    if listed.exchange is not None:
        return _names_text(listed)
    flags = [f"{label}: {text}" for label, text in listed.flags.items()]
    return "; ".join([f"{listed.place.title}: {said(comparison, listed.place)}", *flags])


def _names_text(listed: Disagreement) -> str:
    return _("Names look exchanged: {text}").format(text="" if listed.exchange is None else listed.exchange.text)


def _state(discussion: Discussion, place: Place) -> str:
    settled, old = discussion.resolution(place), discussion.resolutions.outdated.get(place)
    if settled is not None:
        return _("Settled as: {take}").format(take=settled.take)
    if old is not None:
        return _("Settled as {take} before a mark changed: settle it again").format(take=old.take)
    return ""


def _apart(pair: PairAgreement, place: Place) -> str:
    found = next((each for each in pair.of(place.without_slice).matched if each.place == place), None)
    return "" if found is None else "".join(_sentence(pair, found))


def _sentence(pair: PairAgreement, found: Distance) -> Iterator[str]:
    way = direction(found.offset)
    if found.hausdorff_mm is None:
        yield _("{b} is {away:.1f} mm from {a}").format(a=pair.a, b=pair.b, away=found.distance_mm)
        if way:
            yield f": {way}"
        return
    curves = _("{b}'s curve is {away:.1f} mm from {a}'s on average, {most:.1f} mm at most")
    yield curves.format(a=pair.a, b=pair.b, away=found.distance_mm, most=found.hausdorff_mm)
    if way:
        yield _("; its middle lies {way}").format(way=way)


def _list(labels: list[str]) -> str:
    return _(" and ").join(labels)
