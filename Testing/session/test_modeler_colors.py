"""One colour means one thing: roots, annotators, sides, and what was modelled and not traced."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from headless.application import start
from SpineRootLib.anatomy import CORD, DURA, ROOTS, Root, all_roots, color

start()
from SpineRootModelerLib.compare.rater_palette import CONSENSUS_COLOR, rater_color  # noqa: E402
from SpineRootModelerLib.scene.per_root_chart import SIDE_COLORS  # noqa: E402
from SpineRootModelerLib.session import ModelSession  # noqa: E402
from SpineRootModelerLib.surfaces.legend import legend_text  # noqa: E402
from SpineRootModelerLib.surfaces.surface_nodes import PART, paler  # noqa: E402

LABELS = tuple("ABCDE")
ROOT = Root("L2", "L")
# two colours that are nearer in RGB are taken for the same
TOLD_APART = 0.35


@pytest.fixture
def session(scene, two_annotators):
    opened = ModelSession(scene)
    opened.open_subject(two_annotators, "01")
    opened.source = "A"
    opened.build()
    yield opened
    opened.shut_down()


def surface(session, part):
    return next(node for node in session.nodes if node.GetAttribute(PART) == part)


def drawn(node, modelled):
    """The colour in which a root's points are drawn."""
    rgba = np.zeros(4)
    node.GetDisplayNode().GetColorNode().GetColor(int(modelled), rgba)
    return tuple(rgba[:3])


def test_no_annotator_has_the_colour_of_a_root_of_a_wall_or_of_another_annotator():
    anatomy = [color(DURA), color(CORD), *(color(ROOTS, root) for root in all_roots())]
    annotators = [*(rater_color(LABELS, label) for label in LABELS), CONSENSUS_COLOR]
    for one in annotators:
        for other in anatomy:
            assert np.linalg.norm(np.subtract(one, other)) > TOLD_APART or one == CONSENSUS_COLOR
    for one, other in combinations(annotators, 2):
        assert np.linalg.norm(np.subtract(one, other)) > TOLD_APART


def test_left_and_right_are_told_by_shade_in_charts():
    for shade in SIDE_COLORS.values():
        assert np.ptp(shade) == 0.0, "no hue"
    assert abs(SIDE_COLORS["L"][0] - SIDE_COLORS["R"][0]) > TOLD_APART


def test_a_root_is_paler_where_it_was_modelled_down_to_its_ganglion(session):
    node = surface(session, f"{ROOTS}_{ROOT}")
    display = node.GetDisplayNode()
    assert (display.GetActiveScalarName(), display.GetScalarVisibility()) == ("modelled", 1)
    array = node.GetPolyData().GetPointData().GetArray("modelled")
    points = np.array([node.GetPolyData().GetPoint(index) for index in range(array.GetNumberOfTuples())])
    modelled = np.array([array.GetValue(index) for index in range(len(points))]) == 1
    last = session.annotation.root_descending(ROOT)[-1, 2]
    assert modelled.any()
    assert points[modelled, 2].max() < last + 1.5 < points[~modelled, 2].max()
    assert drawn(node, False) == pytest.approx(color(ROOTS, ROOT), abs=0.01)
    assert drawn(node, True) == pytest.approx(paler(color(ROOTS, ROOT)), abs=0.01)


def test_the_users_colour_is_kept_and_made_paler_in_its_turn(session):
    node = surface(session, f"{ROOTS}_{ROOT}")
    node.GetDisplayNode().SetColor(0.1, 0.2, 0.9)
    assert drawn(node, False) == pytest.approx((0.1, 0.2, 0.9), abs=0.01)
    session.build()
    node = surface(session, f"{ROOTS}_{ROOT}")
    assert drawn(node, True) == pytest.approx(paler((0.1, 0.2, 0.9)), abs=0.01)


def test_nothing_of_the_surfaces_is_left_behind(session, scene):
    tables = scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")
    session.build()
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode") == tables
    session.work.surfaces.remove()
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode") == tables - len(session.model.centrelines) - 1


def test_of_a_surface_that_the_user_deleted_nothing_is_left_once_it_is_built_again(session, scene):
    before = scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")
    scene.RemoveNode(surface(session, f"nerveroots_{ROOT}"))
    session.build()
    assert surface(session, f"nerveroots_{ROOT}") is not None
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode") == before


def test_the_legend_names_each_level_once_and_what_pale_and_dark_mean(session):
    text = legend_text(session.model.parts).replace("&nbsp;", " ")
    for word in ("dura", "cord", "L1", "S2", "darker: right", "paler: modelled down to the ganglion, not traced"):
        assert text.count(word) == 1, word
    assert legend_text([]) == ""
    assert "modelled" not in legend_text([DURA])
