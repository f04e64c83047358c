"""Annotations as they should not be: repaired and said, or refused with the file's name; never a crash."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import CORD_RADIUS, DURA_RADIUS, circle, straight_spine

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.errors import GeometryError, MarkupsFileError
from SpineRootLib.surfaces import Model, ModelSettings, build_model
from SpineRootLib.surfaces.separation_settings import FlatteningSettings
from SpineRootLib.surfaces.settings import RootSettings, WallSmoothingSettings

AS_DRAWN = ModelSettings(walls=WallSmoothingSettings(smoothing=0.0), csf=False)
LEFT = Root("L1", "L")
RADIUS = 0.5


def redrawn(annotation: Annotation, structure: str, index: int, points: np.ndarray, source: str = "bad.json") -> None:
    contours = annotation.contours[structure]
    contours[index] = Contour(np.asarray(points), source)


def said(model: Model) -> str:
    return " | ".join(finding.message for finding in model.findings)


def is_sound(model: Model) -> bool:
    return all(part.is_watertight() and part.components() == 1 and part.volume() > 0 for part in model.parts.values())


@pytest.mark.parametrize(
    "change", [lambda p: p[::-1], lambda p: np.roll(p, 7, axis=0), lambda p: np.repeat(p, 2, axis=0)]
)
def test_direction_start_and_repeated_points_of_a_contour_do_not_matter(change):
    expected = build_model(straight_spine(), AS_DRAWN).parts[DURA].vertices
    annotation = straight_spine()
    redrawn(annotation, DURA, 5, change(annotation.dura[5].points))
    assert np.array_equal(build_model(annotation, AS_DRAWN).parts[DURA].vertices, expected)


def test_two_swapped_points_are_put_in_order_and_said():
    annotation = straight_spine()
    points = annotation.dura[5].points.copy()
    points[[3, 4]] = points[[4, 3]]
    redrawn(annotation, DURA, 5, points)
    model = build_model(annotation, AS_DRAWN)
    assert "bad.json: the contour crossed itself; its points were put in order" in said(model)
    assert np.allclose(
        model.parts[DURA].volume(), build_model(straight_spine(), AS_DRAWN).parts[DURA].volume(), rtol=1e-6
    )


def test_a_figure_of_eight_is_refused_with_the_name_of_its_file():
    annotation = straight_spine()
    angle = 2 * np.pi * (np.arange(24) + 0.5) / 24
    eight = np.column_stack([6 * np.sin(angle), 6 * np.sin(2 * angle)])
    redrawn(annotation, DURA, 5, annotation.planes.lift(eight, 6))
    with pytest.raises(MarkupsFileError, match=r"bad\.json: crosses itself"):
        build_model(annotation, AS_DRAWN)


def test_a_contour_on_a_line_is_refused_with_the_name_of_its_file():
    annotation = straight_spine()
    line = np.column_stack([np.linspace(-5, 5, 9), np.zeros(9)])
    redrawn(annotation, CORD, 3, annotation.planes.lift(line, 4))
    with pytest.raises(MarkupsFileError, match=r"bad\.json: (encloses no area|crosses itself)"):
        build_model(annotation, AS_DRAWN)


def test_of_two_like_contours_on_one_slice_the_mean_is_taken_and_said():
    annotation = straight_spine()
    for radius, source in ((7.8, "one.json"), (8.2, "two.json")):
        annotation.dura.append(Contour(annotation.planes.lift(circle(radius), 6), source))
    annotation.contours[DURA].pop(5)
    model = build_model(annotation, AS_DRAWN)
    assert "one.json and two.json lie on one slice; their mean was taken" in said(model)
    expected = build_model(straight_spine(), AS_DRAWN).parts[DURA].vertices
    assert np.allclose(model.parts[DURA].vertices, expected, atol=1e-9)


def test_two_different_contours_on_one_slice_are_refused():
    annotation = straight_spine()
    annotation.dura.append(Contour(annotation.planes.lift(circle(5.0), 6), "other.json"))
    with pytest.raises(MarkupsFileError, match="other.json: lies on slice 6"):
        build_model(annotation, AS_DRAWN)


def test_missing_slices_of_a_cylinder_are_filled_exactly_and_said():
    annotation = straight_spine()
    for number in (5, 6, 7, 12):
        annotation.set_contour(DURA, number, None)
    model = build_model(annotation, AS_DRAWN)
    assert "no dura on slices 5-7; it was interpolated" in said(model)
    assert "no dura on slice 12; it was interpolated" in said(model)
    expected = build_model(straight_spine(), AS_DRAWN).parts[DURA].vertices
    assert np.allclose(model.parts[DURA].vertices, expected, atol=1e-9)


def test_a_cord_that_touches_the_dura_is_drawn_in_and_said():
    annotation = straight_spine()
    redrawn(annotation, CORD, 4, annotation.planes.lift(circle(CORD_RADIUS) + [4.3, 0.0], 5))
    model = build_model(annotation, AS_DRAWN)
    assert "the cord came too near to the dura and was drawn in" in said(model)
    offsets = annotation.planes.flatten(model.parts[CORD].vertices)
    assert np.linalg.norm(offsets, axis=1).max() < DURA_RADIUS - 0.05


def test_a_cord_far_outside_the_dura_is_refused():
    annotation = straight_spine()
    redrawn(annotation, CORD, 4, annotation.planes.lift(circle(CORD_RADIUS) + [7.0, 0.0], 5))
    with pytest.raises(MarkupsFileError, match="bad.json: reaches 3.1 mm beyond the dura on slice 5"):
        build_model(annotation, AS_DRAWN)


def test_swapped_cord_and_dura_are_refused():
    annotation = straight_spine(cord_slices=20)
    annotation.contours = {DURA: annotation.cord, CORD: annotation.dura}
    with pytest.raises(GeometryError, match="files swapped"):
        build_model(annotation)


def test_the_dura_is_continued_where_only_the_cord_was_drawn():
    annotation = straight_spine()
    for number in (1, 2):
        annotation.set_contour(DURA, number, None)
    model = build_model(annotation)
    assert "no dura on 2 slices where the cord was drawn" in said(model)
    assert is_sound(model)
    assert (
        annotation.planes.depth(model.parts[DURA].vertices).min()
        < annotation.planes.depth(model.parts[CORD].vertices).min()
    )


def test_a_cord_without_its_tip_is_closed_as_cut_and_said():
    model = build_model(straight_spine(cord_slices=10))
    assert "the cord ends 8.0 mm wide: its tip was not drawn" in said(model)


@pytest.mark.parametrize("structure", [DURA, CORD])
def test_a_structure_that_is_missing_leaves_the_others(structure):
    annotation = straight_spine()
    annotation.contours[structure] = []
    model = build_model(annotation)
    assert structure not in model.parts
    assert f"no {structure} in the annotation" in said(model)
    assert is_sound(model)
    assert len(model.centrelines) == 2


def test_a_root_of_two_points_is_built():
    annotation = straight_spine()
    annotation.roots[LEFT] = annotation.roots[LEFT][[0, -1]]
    model = build_model(annotation)
    assert is_sound(model)
    assert "L1_L is built from 2 points only" in said(model)
    assert np.linalg.norm(model.centrelines[LEFT][-1] - annotation.ganglia[LEFT]) < 1e-9


def test_a_root_of_one_point_and_no_ganglion_is_left_out_and_said():
    annotation = straight_spine()
    annotation.roots[LEFT] = annotation.roots[LEFT][:1]
    annotation.set_ganglion(LEFT, None)
    model = build_model(annotation)
    assert LEFT not in model.centrelines
    assert "1 point of L1_L and no ganglion make no root" in said(model)


def test_a_root_without_a_ganglion_ends_at_its_last_point():
    annotation = straight_spine()
    annotation.set_ganglion(LEFT, None)
    end = build_model(annotation).centrelines[LEFT][-1]
    assert np.linalg.norm(end - annotation.root_descending(LEFT)[-1]) < 0.05


def test_a_ganglion_above_the_last_point_of_its_root_is_reached():
    annotation = straight_spine()
    annotation.roots[LEFT] = annotation.root_descending(LEFT)[:13]
    annotation.set_ganglion(LEFT, annotation.planes.lift([[-14.0, 0.0]], 15)[0])
    model = build_model(annotation)
    assert np.linalg.norm(model.centrelines[LEFT][-1] - annotation.ganglia[LEFT]) < 1e-9
    assert model.report["roots"]["L1_L"]["exit"]["through"] == "side"
    assert "the ganglion of L1_L lies above its last point" in said(model)
    assert is_sound(model)


def test_a_root_that_starts_below_the_conus_is_built_and_said_not_to_be_joined():
    annotation = straight_spine()
    annotation.roots[LEFT] = annotation.root_descending(LEFT)[9:]
    model = build_model(annotation)
    assert model.report["roots"]["L1_L"]["emergence"] is None
    assert "L1_L does not begin at the cord" in said(model)
    assert is_sound(model)


def test_points_listed_twice_and_in_any_order_give_the_same_root():
    annotation = straight_spine()
    expected = build_model(annotation).centrelines[LEFT]
    points = annotation.roots[LEFT]
    annotation.roots[LEFT] = np.random.default_rng(3).permutation(np.concatenate([points, points[4:7]]))
    assert np.array_equal(build_model(annotation).centrelines[LEFT], expected)


def test_a_root_that_cannot_be_cleared_stays_and_is_named_as_a_conflict():
    """A neighbour that runs through the same points would have to be moved by a whole diameter."""
    annotation = straight_spine()
    points = annotation.root_descending(LEFT)
    annotation.roots[Root("L2", "L")] = points[2:] + [0.0, 0.02, 0.0]
    annotation.set_ganglion(Root("L2", "L"), annotation.ganglia[LEFT] + [0.0, 4.0, -20.0])
    model = build_model(annotation, ModelSettings(csf=False, flattening=FlatteningSettings(flatten=False)))
    conflicts = model.report["conflicts"]
    assert {"nerveroots_L1_L", "nerveroots_L2_L"} in [set(conflict["between"]) for conflict in conflicts]
    assert min(conflict["clearance_mm"] for conflict in conflicts) < -0.1
    flattened = build_model(annotation, ModelSettings(csf=False))
    said = [finding.message for finding in flattened.findings if finding.severity == "warning"]
    assert [any(f"{name} is flattened" in message for message in said) for name in ("L1_L", "L2_L")] == [True, True]


@pytest.mark.parametrize("number", [6, 12, 18])
@pytest.mark.parametrize("aside", [[0.0, 6.0], [0.0, -6.0], [6.0, 0.0], [-6.0, 0.0]])
def test_a_mark_far_off_its_root_is_not_followed_into_a_fold_and_said(number, aside):
    """6 mm to the side on a single slice: a tube of 0.5 mm cannot turn so sharply, nor come back beside itself."""
    annotation = straight_spine()
    mark = annotation.root_by_slice(LEFT)[number] + [*aside, 0.0]
    annotation.set_root_point(LEFT, number, mark)
    model = build_model(annotation)
    line = model.centrelines[LEFT]
    places = np.concatenate([np.linspace(*piece, 8, endpoint=False) for piece in zip(line, line[1:], strict=False)])
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    along = length[:, None] - length
    gap = np.linalg.norm(places[:, None] - places, axis=2)
    assert gap[along > np.pi * RADIUS].min() >= 2 * RADIUS
    edges = np.diff(line, axis=0)
    lengths = np.linalg.norm(edges, axis=1)
    turn = np.arccos(np.einsum("kd,kd->k", edges[1:], edges[:-1]) / (lengths[1:] * lengths[:-1]))
    assert (np.minimum(lengths[1:], lengths[:-1]) / 2 / np.tan(turn / 2)).min() >= RADIUS
    away = np.linalg.norm(places - mark, axis=1).min()
    assert (f"L1_L passes its point on slice {number} at" in said(model)) == (away > 0.6)
    assert is_sound(model)


def test_a_ganglion_on_the_only_point_of_a_root_is_no_crash():
    annotation = straight_spine(cord_slices=0)
    annotation.roots[LEFT] = annotation.roots[LEFT][:1]
    annotation.ganglia[LEFT] = annotation.roots[LEFT][0].copy()
    assert "1 point of L1_L and its ganglion in the same place make no root" in said(build_model(annotation))


def test_a_thick_root_of_three_marks_in_a_corner_is_no_crash():
    annotation = straight_spine(cord_slices=0, roots=False)
    annotation.contours[DURA].clear()
    corner = annotation.planes.lift([[0.0, 0.0], [2.0, 0.0], [0.0, 0.1]], np.array([3.0, 3.25, 3.5]))
    annotation.roots = {LEFT: corner}
    model = build_model(annotation, ModelSettings(csf=False, roots=RootSettings(radius_mm=3.0)))
    assert "nerveroots_L1_L" in model.parts


def test_two_roots_in_one_place_are_parted_or_named_and_never_a_crash():
    annotation = straight_spine()
    annotation.roots[Root("L2", "L")] = annotation.roots[LEFT].copy()
    annotation.set_ganglion(Root("L2", "L"), annotation.ganglia[LEFT])
    model = build_model(annotation)
    assert {"nerveroots_L1_L", "nerveroots_L2_L"} in [set(each["between"]) for each in model.report["conflicts"]]
    assert is_sound(model)


def test_roots_alone_are_built_without_walls():
    annotation = straight_spine()
    annotation.contours = {DURA: [], CORD: []}
    model = build_model(annotation)
    assert list(model.parts) == ["nerveroots_L1_L", "nerveroots_L1_R"]
    assert is_sound(model)


def test_a_single_contour_makes_no_surface_and_says_so():
    annotation = straight_spine()
    annotation.contours[CORD] = annotation.cord[:1]
    model = build_model(annotation)
    assert CORD not in model.parts
    assert "a single contour makes no surface" in said(model)


def test_a_contour_that_came_from_no_file_is_named_by_its_slice():
    annotation = straight_spine()
    redrawn(annotation, CORD, 3, np.repeat(annotation.cord[3].points[:2], 3, axis=0), "")
    with pytest.raises(MarkupsFileError, match="cord on slice 4: has 2 different points"):
        build_model(annotation)


def test_nothing_annotated_is_refused_in_one_sentence():
    annotation = straight_spine(roots=False)
    annotation.contours = {DURA: [], CORD: []}
    with pytest.raises(GeometryError, match="sub-01 has nothing to build a surface from"):
        build_model(annotation)
