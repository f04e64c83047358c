"""Neighbouring slices of a root on which annotators differ alike are one row, and settled at once."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.dataset import Dataset
from two_annotators import DISPUTED, put

start()
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402
from SpineRootModelerLib.work.discussion_rows import DiscussionRow  # noqa: E402

FAR, ALONE = Root("S2", "R"), Root("S1", "L")
AWAY = np.array([3.0, 0.0, 0.0])


@pytest.fixture
def session(scene, two_annotators):
    """B is 3 mm aside on slices 2-6 and 9-10 of a root, and left out the last four of another."""
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    points = theirs.root_by_slice(FAR)
    for index in (2, 3, 4, 5, 6, 9, 10):
        number = sorted(points)[index]
        theirs.set_root_point(FAR, number, points[number] + AWAY * (1.0 + 0.1 * (index == 4)))
    for number in sorted(theirs.root_by_slice(ALONE))[-4:]:
        theirs.set_root_point(ALONE, number, None)
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    yield opened
    opened.shut_down()


def column(session, name):
    node = session.comparison.disagreements.node
    return [node.GetTable().GetValueByName(row, name).ToString() for row in range(node.GetNumberOfRows())]


def row_of(session, root, count):
    return next(
        number
        for number, row in enumerate(session.comparison.discussion.rows)
        if row.first.place.root == root and len(row.members) == count
    )


def slices(two_annotators, root):
    return sorted(Dataset.open(two_annotators).read("01", "A").root_by_slice(root))


def test_each_run_of_neighbouring_slices_is_one_row(session, two_annotators):
    far, alone = (slices(two_annotators, root) for root in (FAR, ALONE))
    listed = set(zip(column(session, "kind"), column(session, "slice"), strict=True))
    disputed = slices(two_annotators, DISPUTED)[4]
    assert listed == {
        ("apart", f"{disputed}"),
        ("apart", f"{far[2]}-{far[6]}"),
        ("apart", f"{far[9]}-{far[10]}"),
        ("single", f"{alone[-4]}-{alone[-1]}"),
    }


def test_a_row_leads_to_its_largest_place_that_is_open_and_next_through_it(session, two_annotators):
    far, comparison = slices(two_annotators, FAR), session.comparison
    row = row_of(session, FAR, 5)
    comparison.discuss(row)
    assert comparison.current.place.slice == far[4]
    comparison.take("A")
    comparison.next()
    assert comparison.discussion.row == row
    comparison.discuss(row)
    assert comparison.current.place.slice in set(far[2:7]) - {far[4]}
    assert column(session, "resolution")[row] == "1 / 5"


def test_all_slices_of_a_row_are_settled_by_one_answer_and_opened_by_one_undo(session, two_annotators):
    far, comparison = slices(two_annotators, FAR), session.comparison
    row = row_of(session, FAR, 5)
    comparison.discuss(row)
    comparison.take("A", whole_row=True)
    settled = {place.slice for place in comparison.discussion.resolutions.by_place if place.root == FAR}
    assert settled == set(far[2:7])
    assert column(session, "resolution")[row] == "A"
    assert comparison.undo()
    assert comparison.discussion.resolutions.by_place == {}
    assert not comparison.undo()


def test_what_was_settled_by_itself_stays_when_the_rest_of_its_row_is(session):
    comparison, row = session.comparison, row_of(session, FAR, 5)
    comparison.discuss(row)
    first = comparison.current.place
    comparison.take("B")
    comparison.discuss(row)
    comparison.take("A", whole_row=True)
    assert comparison.discussion.resolution(first).take == "B"
    assert column(session, "resolution")[row] == "5 / 5"


def test_slices_that_were_left_out_are_kept_at_once(session, two_annotators):
    comparison = session.comparison
    comparison.discuss(row_of(session, ALONE, 4))
    comparison.take("A", whole_row=True)
    session.make_consensus(accept=True)
    assert sorted(Dataset.open(two_annotators).read("01").root_by_slice(ALONE)) == slices(two_annotators, ALONE)


def test_the_surface_of_a_root_follows_all_slices_that_were_settled(session, two_annotators):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    comparison = session.comparison
    comparison.discuss(row_of(session, FAR, 5))
    comparison.take("A", whole_row=True)
    theirs = Dataset.open(two_annotators).read("01", "A").root_by_slice(FAR)
    held = session.annotation.root_by_slice(FAR)
    for number in slices(two_annotators, FAR)[2:7]:
        assert np.allclose(held[number], theirs[number], atol=1e-6)


def test_the_table_is_sorted_by_a_column_and_next_follows_it(session):
    ranked = column(session, "place")
    session.comparison.sort("size_mm")
    sizes = [float(size) for size in column(session, "size_mm") if size]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 1
    assert all(column(session, "size_mm")[: len(sizes)]), "what has no size comes last, whichever way round"
    session.comparison.discuss(0)
    assert session.comparison.current in session.comparison.discussion.rows[0].members
    for row in session.comparison.discussion.rows:
        for _member in row.members:
            assert session.comparison.current in row.members
            session.comparison.take("A")
            session.comparison.next()
    session.comparison.sort("size_mm")
    downwards = [float(size) for size in column(session, "size_mm") if size]
    assert downwards == sizes[::-1]
    session.comparison.sort("size_mm")
    assert column(session, "place") == ranked, "the third time it is as ranked"


def test_slices_are_sorted_as_numbers(session):
    """As words, 10 would come before 9."""
    discussion = session.comparison.discussion
    member = next(row.first for row in discussion.rows if row.first.place.slice is not None)
    nine, ten = (DiscussionRow((replace(member, place=replace(member.place, slice=number)),)) for number in (9, 10))
    assert nine.sort_key("slice", discussion.resolutions) < ten.sort_key("slice", discussion.resolutions)


def test_the_table_is_sorted_by_remarks_those_without_last(session):
    session.comparison.discuss(len(session.comparison.discussion.rows) - 1)
    remarked = session.comparison.discussion.current.place
    session.comparison.remark("look again")
    session.comparison.sort("remark")
    assert remarked in session.comparison.discussion.rows[0].places


def test_remarks_of_a_row_outlive_that_it_is_settled_as_a_whole_and_opened_again(session):
    comparison, row = session.comparison, row_of(session, FAR, 5)
    comparison.discuss(row)
    first = comparison.current.place
    comparison.remark("B follows a vessel here")
    comparison.take("A", whole_row=True)
    comparison.undo()
    assert comparison.discussion.remark(first) == "B follows a vessel here"
    assert comparison.discussion.resolution(first) is None
