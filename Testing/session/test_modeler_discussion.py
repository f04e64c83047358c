from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import slicer
from scipy.spatial import cKDTree
from vtkmodules.util.numpy_support import vtk_to_numpy

from headless.application import start
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import Cancelled, SpineRootError
from SpineRootLib.surfaces.files import MODELLED
from SpineRootLib.surfaces.modelled import beyond_traced
from two_annotators import DISPUTED, SHIFT, disputed_slice, put

start()
from SpineRootModelerLib.session import DISCUSSED, ModelSession  # noqa: E402
from SpineRootModelerLib.work.export import ExportChoice  # noqa: E402


@pytest.fixture
def session(scene, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.compare(["A", "B"])
    opened.comparison.discuss(0)
    yield opened
    opened.shut_down()


def agreed_point(dataset, root, number):
    return Dataset.open(dataset).read("01").root_by_slice(root)[number]


def marked(dataset, label):
    return Dataset.open(dataset).read("01", label).root_by_slice(DISPUTED)[disputed_slice(dataset)]


def column(session, name):
    table = session.comparison.disagreements.node.GetTable()
    return [table.GetValueByName(row, name).ToString() for row in range(table.GetNumberOfRows())]


def test_the_largest_disagreement_comes_first_and_must_be_settled(session, two_annotators):
    current = session.comparison.current
    assert (current.place.root, current.place.slice) == (DISPUTED, disputed_slice(two_annotators))
    assert column(session, "needs_resolution") == ["yes"]


def test_no_consensus_is_made_before_that_is_settled(session, two_annotators):
    with pytest.raises(SpineRootError, match="1 place is in dispute in sub-01"):
        session.make_consensus()
    assert not (two_annotators / "derivatives" / "markers" / "sub-01").exists()


@pytest.mark.parametrize("take", ["A", "B"])
def test_what_one_annotator_said_is_taken(session, two_annotators, take):
    session.comparison.take(take)
    session.make_consensus()
    settled = agreed_point(two_annotators, DISPUTED, disputed_slice(two_annotators))
    assert np.allclose(settled, marked(two_annotators, take), atol=1e-6)


def test_the_mean_is_taken(session, two_annotators):
    session.comparison.take("mean")
    session.make_consensus()
    settled = agreed_point(two_annotators, DISPUTED, disputed_slice(two_annotators))
    expected = (marked(two_annotators, "A") + marked(two_annotators, "B")) / 2
    assert np.allclose(settled, expected, atol=1e-6)


def test_a_weighted_consensus_tells_how_uncertain_each_place_is(session, two_annotators):
    session.comparison.take("A")
    session.settings.average = "weighted"
    session.make_consensus()
    agreed = Dataset.open(two_annotators).read("01")
    assert agreed.provenance.document["Consensus"]["Average"] == "weighted"
    known = agreed.provenance.uncertainty(f"nerveroots_{DISPUTED}")
    # what was settled is no estimate
    assert len(known) == len(agreed.roots[DISPUTED]) - 1
    assert min(known) > 0


def test_elsewhere_the_consensus_is_midway(session, two_annotators):
    session.comparison.take("A")
    session.make_consensus()
    read = Dataset.open(two_annotators).read
    ours, theirs = read("01").root_descending(DISPUTED)[0], read("01", "A").root_descending(DISPUTED)[0]
    assert np.allclose(ours - theirs, SHIFT / 2, atol=1e-6)


def test_every_step_is_on_the_disk_at_once_and_can_be_undone(session, two_annotators):
    stored = two_annotators / "derivatives" / "markers" / "sub-01_resolutions.json"
    session.comparison.take("A")
    session.comparison.take("B")
    assert json.loads(stored.read_text())["Resolutions"][0]["Take"] == "B"
    session.comparison.undo()
    assert json.loads(stored.read_text())["Resolutions"][0]["Take"] == "A"
    session.comparison.undo()
    assert json.loads(stored.read_text())["Resolutions"] == []
    assert not session.comparison.undo()


def test_what_is_left_is_said(session):
    assert len(session.comparison.discussion.pending()) == 1
    session.comparison.take("A")
    assert session.comparison.discussion.pending() == []
    assert column(session, "resolution") == ["A"]
    assert not session.comparison.next()


def test_remarks_are_kept_before_and_after_a_place_is_settled(session):
    session.comparison.remark("two dark spots")
    session.comparison.take("A")
    place = session.comparison.current.place
    session.compare(["A", "B"])
    assert session.comparison.discussion.remark(place) == "two dark spots"
    assert session.comparison.discussion.resolution(place).remark == "two dark spots"


def test_a_remark_outlives_that_its_place_is_settled_and_opened_again(session):
    place = session.comparison.current.place
    session.comparison.remark("B's point is on a vessel")
    session.comparison.take("A")
    session.comparison.undo()
    assert session.comparison.discussion.remark(place) == "B's point is on a vessel"
    session.compare(["A", "B"])
    assert session.comparison.discussion.remark(place) == "B's point is on a vessel", "on the disk, too"


def test_who_settled_is_recorded_from_when_it_is_said(session, two_annotators):
    session.comparison.take("A")
    stored = two_annotators / "derivatives" / "markers" / "sub-01_resolutions.json"
    assert [each["By"] for each in json.loads(stored.read_text())["Resolutions"]] == [""]
    session.settle_as("jl01 and km02")
    session.comparison.take("B")
    assert [each["By"] for each in json.loads(stored.read_text())["Resolutions"]] == ["jl01 and km02"]
    session.compare(["A", "B"])
    session.comparison.take("mean")
    assert [each["By"] for each in json.loads(stored.read_text())["Resolutions"]] == ["jl01 and km02"]
    session.make_consensus()
    sidecar = json.loads((two_annotators / "derivatives/markers/sub-01/sub-01_annotation.json").read_text())
    assert [each["By"] for each in sidecar["Consensus"]["Resolutions"]] == ["jl01 and km02"]


def test_the_discussion_goes_on_where_it_was_left(session):
    session.comparison.take("B")
    session.compare(["A", "B"])
    assert session.comparison.discussion.unresolved() == []


def test_a_place_whose_mark_has_changed_is_settled_again_and_the_old_entry_kept(session, two_annotators):
    session.comparison.remark("two dark spots")
    session.comparison.take("A")
    place = session.comparison.current.place
    moved = Dataset.open(two_annotators).read("01", "B")
    moved.set_root_point(DISPUTED, place.slice, marked(two_annotators, "B") + [1.0, 0.0, 0.0])
    write_annotation(two_annotators / "derivatives" / "markers-B", moved)

    session.compare(["A", "B"])
    discussion = session.comparison.discussion
    assert f"{place.title} was settled as A (two dark spots) before B's mark changed" in session.message
    assert [each.place for each in discussion.pending()] == [place]
    assert discussion.remark(place) == "two dark spots"
    assert column(session, "resolution") == ["A, outdated"]

    session.comparison.go_to_place(place)
    session.comparison.take("B")
    stored = json.loads((two_annotators / "derivatives" / "markers" / "sub-01_resolutions.json").read_text())
    assert [each["Take"] for each in stored["Resolutions"]] == ["B"]
    assert [(each["Take"], each["Remark"]) for each in stored["Superseded"]] == [("A", "two dark spots")]
    session.comparison.undo()
    assert [each.place for each in discussion.pending()] == [place]


def test_the_consensus_is_shown_in_white(session):
    session.comparison.take("A")
    session.make_consensus()
    display = session.comparison.display
    assert display.shown == ("A", "B", "consensus")
    node = display.node("consensus", on_slice=False)
    rgba = np.zeros(4)
    node.GetDisplayNode().GetColorNode().GetColor(
        int(node.GetPolyData().GetPointData().GetScalars().GetTuple1(0)), rgba
    )
    assert np.allclose(rgba, 1.0)


def test_a_settled_point_moves_its_root_at_once(session, two_annotators):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    part = f"nerveroots_{DISPUTED}"
    node = session.work.surfaces.by_part()[part]
    others = {name: each.GetPolyData() for name, each in session.work.surfaces.by_part().items() if name != part}

    session.comparison.take("A")
    before = distance(node, marked(two_annotators, "B"))
    session.comparison.take("B")
    assert distance(node, marked(two_annotators, "B")) < before - 3.0
    assert session.work.surfaces.by_part()[part] is node
    assert all(session.work.surfaces.by_part()[name].GetPolyData() is data for name, data in others.items())


def test_live_says_why_nothing_moves_when_the_surfaces_are_not_of_what_is_discussed(session):
    session.source, session.settings.live = "A", True
    session.build()
    session.comparison.take("B")
    assert session.message.startswith("Live changes surfaces of what is discussed; these are surfaces of A: choose")


def distance(node, point):
    """From a point to the nearest corner of a surface, mm."""
    return np.linalg.norm(slicer.util.arrayFromModelPoints(node) - point, axis=1).min()


def test_surfaces_exported_after_a_point_was_settled_are_all_built_of_what_holds_now(session, two_annotators):
    """A's mark is where the root runs; as long as nothing is settled, the mean draws it to half-way to B's."""
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    session.comparison.take("A")
    session.save()
    folder = two_annotators / "derivatives" / "model" / "sub-01"
    said = json.loads((folder / "sub-01_model.json").read_text())["roots"][str(DISPUTED)]
    away = np.linalg.norm(np.array(said["centreline_ras"]) - marked(two_annotators, "A"), axis=1).min()
    midway = np.linalg.norm(marked(two_annotators, "A") - marked(two_annotators, "B")) / 2
    assert away < midway / 2, "the report tells of the root as settled"


def test_a_label_map_without_an_image_is_refused_before_anything_is_built_again(session, two_annotators):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    session.comparison.take("B")
    told = []
    with pytest.raises(SpineRootError, match="needs the CISS image of sub-01, which is missing: export without it"):
        session.work.export(
            ExportChoice(label_map=True), two_annotators / "out", None, lambda *how_far: told.append(how_far)
        )
    assert told == []


def test_a_root_that_is_built_alone_is_marked_as_modelled_where_the_whole_model_marks_it(session):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    part, before = f"nerveroots_{DISPUTED}", session.model.parts[f"nerveroots_{DISPUTED}"]
    whole = beyond_traced(session.model, part, before.vertices) > 0
    session.work.rebuild_root(session.annotation, DISPUTED)
    alone = session.model.parts[part]
    marked = vtk_to_numpy(session.work.surfaces.by_part()[part].GetPolyData().GetPointData().GetArray(MODELLED)) > 0
    assert whole.any() and not whole.all()
    near = cKDTree(before.vertices).query(alone.vertices)[1]
    assert np.mean(marked == whole[near]) > 0.98


def test_a_root_that_is_left_without_points_leaves_the_views(session):
    session.source, session.settings.live = DISCUSSED, True
    session.build()
    session.annotation.roots.pop(DISPUTED)
    session.work.rebuild_root(session.annotation, DISPUTED)
    assert f"nerveroots_{DISPUTED}" not in session.work.surfaces.by_part()
    assert f"nerveroots_{DISPUTED}" not in session.model.parts


def test_what_is_missing_is_an_empty_cell(session, two_annotators):
    """A ganglion lies on no slice, and what one annotator alone marked has no size."""
    dataset = Dataset.open(two_annotators)
    theirs = dataset.read("01", "B")
    theirs.roots.pop(DISPUTED)
    theirs.ganglia[Root("L1", "R")] = theirs.ganglia[Root("L1", "R")] + [4.0, 0.0, 0.0]
    shutil.rmtree(dataset.markers("B") / "sub-01")
    put(two_annotators, "B", theirs, signed_off=True)
    session.compare(["A", "B"])
    listed = list(zip(column(session, "structure"), column(session, "slice"), column(session, "size_mm"), strict=True))
    assert listed[0] == ("ganglions", "", str(round(float(np.hypot(4.3, 0.4)), 3)))
    assert {(structure, size) for structure, _slice, size in listed[1:]} == {("nerveroots", "")}


def test_building_what_is_discussed_can_be_cancelled_while_contours_are_averaged(session):
    session.source = DISCUSSED
    with pytest.raises(Cancelled):
        session.build(progress=lambda fraction, _text: fraction < 0.2)
    assert session.model is None
    assert session.nodes == []
