"""Names that one annotator exchanged or shifted against another's are found, told and put right."""

from __future__ import annotations

import copy
import functools
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from outcomes import refused
from raters_on_disk import put
from straight_subject import straight_subject

from SpineRootLib.__main__ import main
from SpineRootLib.agreement.exchange import Exchange
from SpineRootLib.agreement.exchange_renaming import exchange_in, exchange_names, settle_names
from SpineRootLib.agreement.exchange_search import find_exchanges
from SpineRootLib.agreement.raters import Raters, share_planes
from SpineRootLib.agreement.resolutions import Resolution, Resolutions
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, GANGLIA, ROOTS, SIDES, Root, all_roots
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator
from SpineRootLib.place import Place
from SpineRootLib.tables import read_table

Names = dict[Root, Root]
NEIGHBOURS = [(Root(one, side), Root(other, side)) for side in SIDES for one, other in pairwise(DEFAULT_SEGMENTS)]


def renamed(annotation: Annotation, names: Names, slices: range | None = None) -> Annotation:
    """A copy whose roots bear other names, all the way with their ganglia or on some slices; a name that no root gives
    up is lost."""
    other = copy.deepcopy(annotation)
    marked: dict[Root, dict[int, np.ndarray]] = {}
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            changes = slices is None or number in slices
            marked.setdefault(names.get(root, root) if changes else root, {})[number] = point
    other.roots = {root: np.array([points[number] for number in sorted(points)]) for root, points in marked.items()}
    if slices is None:
        other.ganglia = {names.get(root, root): point for root, point in annotation.ganglia.items()}
    return other


def swapped(one: Root, other: Root) -> Names:
    return {one: other, other: one}


def shift(step: int, sides: str = "LR") -> tuple[Names, list[Root]]:
    """Every root under the name of the next level, and the roots that have none for it."""
    level = dict(enumerate(DEFAULT_SEGMENTS))
    roots = [(Root(segment, side), level.get(number + step)) for number, segment in level.items() for side in sides]
    return {root: Root(new, root.side) for root, new in roots if new}, [root for root, new in roots if not new]


def without(annotation: Annotation, roots: list[Root]) -> Annotation:
    other = copy.deepcopy(annotation)
    for root in roots:
        del other.roots[root], other.ganglia[root]
    return other


def raters(a: Annotation, b: Annotation) -> Raters:
    return share_planes({"A": a, "B": b}, a.planes)


def told(exchanges: list[Exchange]) -> Names:
    """Which of A's names each of B's roots has."""
    return {pair.named: pair.lies_on for each in exchanges for pair in each.pairs if pair.structure == ROOTS}


@functools.cache
def crowded(scan: PhantomSettings, subject: int) -> Annotation:
    """The truth of a subject whose roots crowd as in a person."""
    return make_truth(scan.with_crowding(1.0), subject).annotation


@functools.cache
def annotated(scan: PhantomSettings, subject: int, seed: int) -> tuple[Annotation, Annotation]:
    """Two simulated annotators of a crowded subject."""
    a, b = (simulate_annotator(crowded(scan, subject), AnnotatorSettings(), seed, label) for label in "AB")
    for each in (a, b):
        each.contours = {structure: [] for structure in each.contours}
    return a, b


@pytest.fixture
def honest() -> tuple[Annotation, Annotation]:
    """Annotators whose marks on S1 and S2 on the left lie nearer to the other root on every third slice, for at the
    bottom of the sac these roots are nearer to each other than the annotators agree."""
    return annotated(PhantomSettings(), 1, 3)


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS, ids=str)
def test_neighbours_whose_names_are_exchanged_are_named(
    one: Root, other: Root, honest: tuple[Annotation, Annotation]
) -> None:
    a, b = honest
    (found,) = find_exchanges(raters(a, renamed(b, swapped(one, other))))
    assert told([found]) == swapped(one, other)
    assert found.throughout


@pytest.mark.parametrize(
    ("subject", "one", "other"), [(1, "L4_R", "L5_R"), (2, "L5_L", "S1_L"), (2, "S1_L", "S2_L")], ids=str
)
def test_a_drifting_annotator_s_names_exchanged_wherever_both_roots_are_are_named_though_ganglia_kept_theirs(
    subject: int, one: str, other: str
) -> None:
    names = swapped(Root.parse(one), Root.parse(other))
    a, b = annotated(PhantomSettings.small(), subject, subject)
    both = set.intersection(*(set(b.root_by_slice(root)) for root in names))
    (found,) = find_exchanges(raters(a, renamed(b, names, range(min(both), max(both) + 1))))
    assert told([found]) == names
    assert found.throughout


@pytest.mark.parametrize("sides", ["L", "R", "LR"])
@pytest.mark.parametrize("step", [1, -1])
def test_levels_shifted_by_one_are_one_exchange_that_names_each_root(
    step: int, sides: str, honest: tuple[Annotation, Annotation]
) -> None:
    names, lost = shift(step, sides)
    a, b = honest
    (found,) = find_exchanges(raters(a, renamed(without(b, lost), names)))
    assert told([found]) == {new: old for old, new in names.items()}
    assert found.pattern == "levels"


def test_left_and_right_exchanged_throughout_are_one_exchange(honest: tuple[Annotation, Annotation]) -> None:
    names = {root: root.opposite for root in all_roots()}
    a, b = honest
    (found,) = find_exchanges(raters(a, renamed(b, names)))
    assert told([found]) == names
    assert found.text.startswith("left and right are exchanged: B's L1_L runs on A's L1_R on ")


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scan", [PhantomSettings(), PhantomSettings.small()], ids=["whole", "small"])
def test_honest_annotators_are_not_accused(scan: PhantomSettings, seed: int) -> None:
    assert find_exchanges(raters(*annotated(scan, seed, seed))) == []


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS[:4] + NEIGHBOURS[6:10], ids=str)
def test_an_exchange_on_a_run_of_slices_is_told_with_the_slices(
    one: Root, other: Root, honest: tuple[Annotation, Annotation]
) -> None:
    a, b = honest
    first = min(b.root_by_slice(one).keys() & b.root_by_slice(other).keys()) + 8
    (found,) = find_exchanges(raters(a, renamed(b, swapped(one, other), range(first, first + 12))))
    assert told([found]) == swapped(one, other)
    assert not found.throughout
    assert len(set(found.slices) ^ set(range(first, first + 12))) <= 4


def test_marks_that_cross_on_so_few_slices_as_a_slow_error_may_carry_them_accuse_nobody() -> None:
    a, one, other = straight_subject(), Root("L4", "R"), Root("L5", "R")
    assert find_exchanges(raters(a, renamed(a, swapped(one, other), range(15, 22)))) == []


def test_a_root_that_only_one_of_two_marked_is_no_exchange() -> None:
    a, b = straight_subject(), straight_subject()
    b = without(b, [Root("L3", "L")])
    assert find_exchanges(raters(a, b)) == []


def test_ganglia_exchanged_alone_are_named() -> None:
    one, other = Root("L2", "L"), Root("L3", "L")
    a, b = straight_subject(), straight_subject()
    b.ganglia[one], b.ganglia[other] = b.ganglia[other], b.ganglia[one]
    (found,) = find_exchanges(raters(a, b))
    assert [(pair.structure, pair.named, pair.lies_on) for pair in found.pairs] == [
        (GANGLIA, one, other),
        (GANGLIA, other, one),
    ]


@pytest.mark.parametrize("label", ["A", "B"])
def test_put_right_in_the_work_of_one_the_names_agree_and_nothing_else_has_changed(label: str) -> None:
    one, other = Root("L4", "R"), Root("L5", "R")
    a, b = straight_subject(), renamed(straight_subject(), swapped(one, other))
    b.provenance.set_at(Place(ROOTS, one, 20), {"Flags": ["uncertain"], "Remark": "crossing"})
    before = copy.deepcopy(b)
    together = raters(a, b)
    (found,) = find_exchanges(together)
    corrected = exchange_in(together, found, label)
    assert find_exchanges(corrected) == []
    right = straight_subject() if label == "B" else before
    for root in all_roots():
        np.testing.assert_array_equal(corrected.annotations[label].roots[root], right.roots[root])
        np.testing.assert_array_equal(corrected.annotations[label].ganglia[root], right.ganglia[root])
    if label == "B":
        assert corrected.annotations["B"].provenance.at(Place(ROOTS, other, 20))["Remark"] == "crossing"
    np.testing.assert_array_equal(b.roots[one], before.roots[one])


def test_an_exchange_on_some_slices_is_put_right_on_these_only() -> None:
    one, other = Root("L4", "R"), Root("L5", "R")
    a = straight_subject()
    b = renamed(a, swapped(one, other), range(15, 28))
    b.annotator = "B"
    (found,) = find_exchanges(raters(a, b))
    corrected = exchange_names(b, found)
    for root in (one, other):
        np.testing.assert_array_equal(corrected.roots[root], a.roots[root])


def test_a_root_that_would_lose_its_name_is_not_dropped() -> None:
    names, _lost = shift(-1)
    b = renamed(without(straight_subject(), [Root("L1", "L"), Root("L1", "R")]), names)
    above = straight_subject()
    for side in SIDES:  # B marked a root above, which A did not
        points = b.roots[Root("L1", side)]
        b.roots[Root("S2", side)] = points + [0.0, 30.0, 0.0]
    del above.roots[Root("L1", "L")]
    together = raters(straight_subject(), b)
    (found,) = find_exchanges(together)
    with pytest.raises(SpineRootError, match="would lose its name"):
        exchange_in(together, found, "B")


def test_of_three_annotators_the_answer_for_one_settles_both_pairs() -> None:
    one, other = Root("L4", "R"), Root("L5", "R")
    spine = straight_subject()
    together = share_planes({"A": spine, "B": renamed(spine, swapped(one, other)), "C": copy.deepcopy(spine)})
    place = find_exchanges(together)[0].place
    answers = Resolutions({place: Resolution(place, "exchange in B")})
    corrected, listed = settle_names(together, answers)
    assert find_exchanges(corrected) == []
    assert [(each.reference, each.annotator) for each in listed] == [("A", "B")]


@pytest.fixture
def exchanged(tmp_path: Path) -> tuple[str, str]:
    spine = straight_subject()
    other = renamed(spine, swapped(Root("L5", "L"), Root("S1", "L")))
    return str(put(tmp_path, spine, "A", ciss=None)), str(put(tmp_path, other, "B", ciss=None))


def test_compare_names_an_exchange_first_in_text_json_and_a_table(
    exchanged: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["compare", *exchanged, "--subject", "01", "--out", str(out)]
    assert main(command) == 0
    first, *_lines = capsys.readouterr().out.splitlines()
    assert first.startswith("Names look exchanged: B's L5_L runs on A's S1_L on 31 of 31 slices, ")
    assert main([*command, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["exchanges"]
    assert (found["place"], found["annotator"]) == ("nerveroots_L5_L", "B")
    rows = read_table(out / "sub-01_agreement-exchanges.tsv")
    assert [(row["segment"], row["side"], row["lies_on"]) for row in rows if row["structure"] == ROOTS] == [
        ("L5", "L", "S1_L"),
        ("S1", "L", "L5_L"),
    ]


def test_consensus_asks_for_an_exchange_lists_it_first_and_follows_the_answer(
    exchanged: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "markers"
    command = ["consensus", *exchanged, "--subject", "01", "--out", str(out), "--limit", "100"]
    assert main(command) == 2
    assert "names look exchanged between annotators of sub-01: B's L5_L runs on" in capsys.readouterr().err
    assert not (out / "sub-01").exists()
    first, *_rest = read_table(out / "sub-01_disagreements.tsv")
    assert (first["kind"], first["segment"], first["needs_resolution"]) == ("exchange", "L5", "yes")
    assert main([*command, "--resolve", "nerveroots_L5_L=exchange in B"]) == 0
    assert main(command) == 0  # the answer is kept
    agreed, spine = read_annotation(out, "01"), straight_subject()
    for root in all_roots():
        np.testing.assert_allclose(agreed.roots[root], spine.roots[root], atol=1e-9)
        np.testing.assert_allclose(agreed.ganglia[root], spine.ganglia[root], atol=1e-9)


@pytest.mark.parametrize("command", ["compare", "consensus"])
def test_what_was_not_read_is_told_also_where_names_have_to_be_settled_first(
    command: str, exchanged: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_of = Path(exchanged[0]) / "sub-01" / "sub-01_nerveroots_L1_L (conflicted copy).json"
    copy_of.write_bytes((copy_of.parent / "sub-01_nerveroots_L1_L.json").read_bytes())
    ended = main([command, *exchanged, "--subject", "01", "--out", str(tmp_path / "out")])
    assert ended == (2 if command == "consensus" else 0)
    assert f"spineroot {command}: warning: A: {copy_of.name} looks like a markups file" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [["--accept"], ["--resolve", "nerveroots_L5_L=names are right"]])
def test_names_taken_as_they_are_are_averaged(
    answer: list[str], exchanged: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "markers"
    assert main(["consensus", *exchanged, "--subject", "01", "--out", str(out), "--limit", "100", *answer]) == 0
    assert "Names look exchanged" in capsys.readouterr().out
    spine, one, other = straight_subject(), Root("L5", "L"), Root("S1", "L")
    between = (spine.root_by_slice(one)[20] + spine.root_by_slice(other)[20]) / 2
    np.testing.assert_allclose(read_annotation(out, "01").root_by_slice(one)[20], between, atol=1e-9)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("nerveroots_L1_L=exchange in B", "no names look exchanged there"),
        ("nerveroots_L5_L=exchange in Z", "the exchange is between A and B"),
    ],
)
def test_an_answer_about_names_that_fits_nothing_is_refused(
    answer: str, sentence: str, exchanged: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tail = ("--subject", "01", "--out", str(tmp_path / "out"), "--resolve", answer)
    assert sentence in refused(capsys, "consensus", *exchanged, *tail)
