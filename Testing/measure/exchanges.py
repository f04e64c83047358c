"""Plants exchanged names between two simulated annotators of crowded subjects: which are found, who is accused?

    python Testing/measure/exchanges.py [--subjects 34] [--first 301] [--honest]

Each subject is another seed of the phantom, in which the roots crowd as in a person. An exchange counts as found where
it is told and nothing else; some fifteen seconds a subject.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.agreement.exchange_search import find_exchanges  # noqa: E402
from SpineRootLib.agreement.raters import Raters, share_planes  # noqa: E402
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, ROOTS, SIDES, Root, all_roots  # noqa: E402
from SpineRootLib.annotation import Annotation  # noqa: E402
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator  # noqa: E402

# The new name of each root that gets one; None for a root that is left out.
Names = dict[Root, Root | None]
_RUNS = (12, 16, 24)  # slices


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=34)
    parser.add_argument("--first", type=int, default=301, help="the first seed")
    parser.add_argument("--honest", action="store_true", help="plant nothing: is anybody accused?")
    options = parser.parse_args(arguments)
    planted, found = Counter[str](), Counter[str]()
    for seed in range(options.first, options.first + options.subjects):
        truth = make_truth(PhantomSettings().with_crowding(1.0), seed).annotation
        a, b = (simulate_annotator(truth, AnnotatorSettings(), seed, label) for label in "AB")
        planted["honest annotators, not accused"] += 1
        accusations = find_exchanges(_raters(a, b))
        found["honest annotators, not accused"] += not accusations
        for each in accusations:
            print(f"seed {seed}, honest: {each.text}", flush=True)
        if options.honest:
            continue
        for kind, names, numbers, with_ganglia in _plants(b):
            raters = _raters(a, _renamed(b, names, numbers, with_ganglia))
            planted[kind] += 1
            found[kind] += _told(raters) == {new: old for old, new in names.items() if new is not None}
    for kind, count in planted.items():
        print(f"{kind:48} {found[kind]:4} of {count}")
    return 0


def _plants(b: Annotation) -> Iterator[tuple[str, Names, set[int] | None, bool]]:
    """What is planted: a name for it, the roots' new names, on which slices (None for all), and with their ganglia."""
    levels = dict(enumerate(DEFAULT_SEGMENTS))
    neighbours = [(Root(one, side), Root(other, side)) for side in SIDES for one, other in pairwise(DEFAULT_SEGMENTS)]
    for with_ganglia in (True, False):
        how = "with their ganglia" if with_ganglia else "roots alone"
        for one, other in neighbours:
            yield f"neighbours, {how}", {one: other, other: one}, None, with_ganglia
        for sides in (*SIDES, "".join(SIDES)):
            for step in (1, -1):
                names: Names = {
                    Root(segment, side): Root(levels[number + step], side) if number + step in levels else None
                    for number, segment in levels.items()
                    for side in sides
                }
                yield f"levels of {'both sides' if len(sides) > 1 else 'a side'}, {how}", names, None, with_ganglia
        yield f"left and right, {how}", {root: root.opposite for root in all_roots()}, None, with_ganglia
    for one, other in neighbours:
        shared = sorted(b.root_by_slice(one).keys() & b.root_by_slice(other).keys())
        for length in _RUNS:
            start = (len(shared) - length) // 2
            if start >= 0:
                run = set(shared[start : start + length])
                yield f"{one.segment}/{other.segment} on {length} slices", {one: other, other: one}, run, False


def _renamed(b: Annotation, names: Names, numbers: set[int] | None, with_ganglia: bool) -> Annotation:
    other = Annotation(b.subject, b.annotator, b.planes, segments=b.segments)
    for root in b.roots:
        for number, point in b.root_by_slice(root).items():
            new = names.get(root, root) if numbers is None or number in numbers else root
            if new is not None:
                other.set_root_point(new, number, point)
    for root, point in b.ganglia.items():
        name = names.get(root, root) if with_ganglia else root
        if name is not None:
            other.ganglia[name] = point
    return other


def _raters(a: Annotation, b: Annotation) -> Raters:
    """Without contours, which tell nothing of names."""
    bare = {label: replace(each, contours={name: [] for name in each.contours}) for label, each in (("A", a), ("B", b))}
    return share_planes(bare, a.planes)


def _told(raters: Raters) -> dict[Root, Root]:
    """Which of A's names each of B's roots has, if that is one exchange and no other."""
    exchanges = find_exchanges(raters)
    if len(exchanges) != 1:
        return {}
    return {pair.named: pair.lies_on for pair in exchanges[0].pairs if pair.structure == ROOTS}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
