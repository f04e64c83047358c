"""A root followed beyond its confirmed points: how far, and where that ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from SpineRootLib.anatomy import Root
from SpineRootLib.tracing.proposals import PointProposal

_STOP = "the root is followed no farther: no dark spot continues it with enough certainty"


def as_far_as_sure(
    points: Sequence[PointProposal], root: Root, confirmed: Collection[int], count: int, least: float
) -> list[PointProposal]:
    """The proposals as far as each is certain enough, starting at the confirmed slices.

    Parameters
    ----------
    points : proposals of successive slices.
    confirmed : slice numbers.
    count : number of slices of the image.
    least : confidence below which a root is followed no farther.

    Returns
    -------
    list of PointProposal
        where it stops inside the image, the last one has no position and the reason.
    """
    by_slice = {each.slice: each for each in points if each.slice is not None}
    between = [each for number, each in by_slice.items() if min(confirmed) < number < max(confirmed)]
    ways = (range(min(confirmed) - 1, 0, -1), range(max(confirmed) + 1, count + 1))
    kept = [*between]
    for way in ways:
        for number in way:
            each = by_slice.get(number)
            if each is None or each.confidence < least:
                kept.append(PointProposal(None, 0.0, _STOP, root, number))
                break
            kept.append(each)
    return sorted(kept, key=lambda each: each.slice or 0)
