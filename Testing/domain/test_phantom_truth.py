"""The phantom's truth: what every later measurement against it relies on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from SpineRootLib.anatomy import SIDES, Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, distance_to_polygon, signed_distance
from SpineRootLib.errors import SpineRootError
from SpineRootLib.phantom import AnatomySettings, PhantomSettings, Truth, make_truth
from SpineRootLib.planes import SlicePlanes

SPINES = {
    "adult": (PhantomSettings(), 1),
    "adult, another seed": (PhantomSettings(), 2),
    "adult, roots apart": (PhantomSettings().with_crowding(0.0), 2),
    "tilted by 15 degrees": (PhantomSettings().tilted(15.0), 3),
    "small": (PhantomSettings.small(), 4),
    "small, tilted backwards": (PhantomSettings.small(-15.0), 5),
}


@pytest.fixture(scope="module", params=list(SPINES))
def truth(request: pytest.FixtureRequest) -> Truth:
    """The truth of several spines."""
    settings, seed = SPINES[request.param]
    return make_truth(settings, seed)


def _points_on(annotation: Annotation, number: int) -> dict[Root, np.ndarray]:
    planes = annotation.require_planes()
    found = {root: annotation.root_by_slice(root).get(number) for root in annotation.roots}
    return {root: planes.flatten(point)[0] for root, point in found.items() if point is not None}


def test_everything_is_marked_on_the_slices(truth: Truth) -> None:
    annotation, planes = truth.annotation, truth.planes
    assert list(annotation.missing()) == []
    assert len(annotation.dura) == planes.count
    marked = [contour.points for contour in annotation.dura + annotation.cord] + list(annotation.roots.values())
    assert max(np.abs(planes.off_plane(points)).max() for points in marked) < 1e-9


def test_control_points_lie_on_the_exact_outline(truth: Truth) -> None:
    spine = truth.spine
    for tube, contours in ((spine.sac, truth.annotation.dura), (spine.cord, truth.annotation.cord)):
        x, y, depth = spine.frame.from_ras(np.concatenate([contour.points for contour in contours]))
        centre = tube.centre(depth)
        angle = np.arctan2(y - centre[:, 1], x - centre[:, 0])
        assert_allclose(np.hypot(x - centre[:, 0], y - centre[:, 1]), tube.radius(angle, depth), atol=1e-9)


def test_contours_through_the_control_points_follow_the_outline(truth: Truth) -> None:
    for tube, structure in ((truth.spine.sac, "dura"), (truth.spine.cord, "cord")):
        for contour in truth.annotation.contours[structure]:
            away = tube.distance(*truth.spine.frame.from_ras(contour.curve()))
            assert np.abs(away).max() < 0.10


def test_the_distance_that_images_are_drawn_with_is_that_to_the_outline(truth: Truth) -> None:
    spine, depth, angles = truth.spine, 30.0, np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    outline = spine.sac.point(angles, np.full(2000, depth))
    for inset in (-0.5, 0.0, 0.5):
        points = spine.sac.point(angles[::100], np.full(20, depth), inset)
        drawn = spine.sac.distance(*points.T, np.full(20, depth))
        assert_allclose(drawn, signed_distance(outline, points), atol=0.02)


def test_roots_run_inside_the_dura_and_outside_the_cord(truth: Truth) -> None:
    annotation, planes = truth.annotation, truth.planes
    cord = annotation.contours_by_slice("cord")
    for number, dura in annotation.contours_by_slice("dura").items():
        points = list(_points_on(annotation, number).values())
        if points:
            assert signed_distance(planes.flatten(dura.curve()), points).max() < -0.2
        if points and number in cord:
            assert signed_distance(planes.flatten(cord[number].curve()), points).min() > 0.1


def test_roots_of_a_slice_keep_apart_and_in_order(truth: Truth) -> None:
    annotation, planes, kept = truth.annotation, truth.planes, []
    for number, dura in annotation.contours_by_slice("dura").items():
        points = _points_on(annotation, number)
        outline = planes.flatten(dura.curve())
        behind = np.array([centroid(outline)[0], outline[:, 1].min()])
        for side in SIDES:
            own = [points[root] for root in sorted(points) if root.side == side]
            away = np.linalg.norm(np.reshape(own, (-1, 2)) - behind, axis=1)
            kept += list(np.diff(away) < 0)
        every = np.array(list(points.values())).reshape(-1, 2)
        apart = np.linalg.norm(every[:, None] - every, axis=2) + 10.0 * np.eye(len(every))
        assert len(every) < 2 or apart.min() > 0.65
    # a lower segment lies nearer to the posterior midline: in sub-03 for 1163 of 1168 pairs
    assert np.mean(kept) > 0.98


def test_roots_begin_at_the_cord_one_after_the_other(truth: Truth) -> None:
    annotation, planes = truth.annotation, truth.planes
    for side in SIDES:
        first = [planes.number(annotation.root_descending(Root(s, side)))[0] for s in annotation.segments]
        assert first == sorted(first)
        for segment, number in zip(annotation.segments, first, strict=True):
            start = planes.flatten(annotation.root_descending(Root(segment, side))[0])
            cord = annotation.contours_by_slice("cord")[int(number)]
            assert distance_to_polygon(planes.flatten(cord.curve()), start)[0] < 1.5


def test_each_root_runs_without_gaps_on_its_own_side_to_its_ganglion(truth: Truth) -> None:
    annotation, planes = truth.annotation, truth.planes
    for root, points in annotation.roots.items():
        assert_array_equal(np.diff(planes.number(points)), 1)
        x, _, depth = truth.spine.frame.from_ras(np.vstack([points, annotation.ganglia[root]]))
        centre = truth.spine.sac.centre(depth)[:, 0]
        assert np.all((x > centre) if root.side == "R" else (x < centre))
        assert truth.spine.sac.distance(*truth.spine.frame.from_ras(annotation.ganglia[root]))[0] > 2.0


def test_an_adult_is_marked_on_as_many_slices_as_a_real_subject() -> None:
    annotation = make_truth(PhantomSettings(), 1).annotation
    assert (len(annotation.dura), len(annotation.cord)) == (80, 66)
    assert all(32 - 2 <= len(points) <= 46 + 2 for points in annotation.roots.values())
    assert all(17 <= len(contour.points) <= 34 for contour in annotation.dura)
    assert all(7 <= len(contour.points) <= 24 for contour in annotation.cord)


def test_outlines_vary_from_slice_to_slice_like_a_persons() -> None:
    # of sub-03 (Liu et al. 2024) beside the annotator's jitter: 0.36 and 0.14 mm, over a length of about 5 mm
    angle, depth = np.meshgrid(np.linspace(0, 2 * np.pi, 60), np.arange(0.0, 110.0, 2.0))
    spines = [make_truth(PhantomSettings().with_crowding(0.0), seed).spine for seed in range(5)]
    for organ, expected in (("sac", 0.36), ("cord", 0.14)):
        tubes = [getattr(spine, organ) for spine in spines]
        away = np.array([tube.radius(angle, depth) - tube.ellipse(angle, depth) for tube in tubes])
        away -= away.mean(axis=1, keepdims=True)
        assert np.std(away) == pytest.approx(expected, rel=0.25)
        like = [np.corrcoef(away[:, step:].ravel(), away[:, :-step].ravel())[0, 1] for step in (1, 3, 10)]
        assert like[0] > 0.85 and 0.2 < like[1] < 0.8 and abs(like[2]) < 0.3


def test_the_same_seed_gives_the_same_truth_and_another_seed_another() -> None:
    made = [make_truth(PhantomSettings.small(), seed) for seed in (7, 7, 8)]
    for one, two in zip(made[0].spine.bundles, made[1].spine.bundles, strict=True):
        assert_array_equal(one.centreline.course.c, two.centreline.course.c)
    first, again, other = (each.annotation for each in made)
    root = Root("L4", "L")
    assert_array_equal(first.roots[root], again.roots[root])
    assert_array_equal(first.dura[3].points, again.dura[3].points)
    assert np.abs(first.ganglia[root] - other.ganglia[root]).max() > 0.01


def test_a_cropped_image_keeps_the_slices_and_the_grid() -> None:
    settings = PhantomSettings.small(10.0)
    truth = make_truth(settings, 1)
    assert truth.shape[0] < 150 and truth.shape[2] == settings.scan.shape[2]
    planes = SlicePlanes.from_affine(truth.affine, truth.shape)
    assert planes.agrees_with(truth.planes, 1e-6)
    for contour in truth.annotation.dura:
        index = np.linalg.solve(truth.affine, np.column_stack([contour.points, np.ones(len(contour.points))]).T)[:3].T
        assert np.all(index[:, :2] > 5.0) and np.all(index[:, :2] < np.array(truth.shape[:2]) - 5.0)


def test_levels_above_and_below_can_be_annotated_as_well() -> None:
    segments = ("T12", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")
    annotation = make_truth(PhantomSettings(anatomy=AnatomySettings(segments=segments)), 1).annotation
    assert {root.segment for root in annotation.roots} == set(segments)


def test_a_level_the_phantom_lacks_is_refused() -> None:
    with pytest.raises(SpineRootError, match="no level C5"):
        make_truth(PhantomSettings(anatomy=AnatomySettings(segments=("C5", "L1"))), 1)
