"""The tracer on a phantom with distractors, noise and artefacts: wide limits, the measuring script has the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.curves import centroid, closed_curve, distance_to_polygon
from SpineRootLib.phantom import Phantom, PhantomSettings, make_phantom
from SpineRootLib.tracing import ContourProposal, Tracer


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings.small(tilt_degrees=6.0).with_crowding(0.0), 11)


@pytest.fixture(scope="module")
def tracer(phantom: Phantom) -> Tracer:
    return Tracer(phantom.images["CISS"], overviews=phantom.images)


@pytest.fixture(scope="module")
def contours(phantom: Phantom, tracer: Tracer) -> dict[str, dict[int, ContourProposal]]:
    """Proposals from an inner click on every tenth slice."""
    found: dict[str, dict[int, ContourProposal]] = {}
    for structure in CONTOUR_STRUCTURES:
        truth = phantom.truth.contours_by_slice(structure)
        middle = {number: centroid(tracer.planes.flatten(truth[number].curve())) for number in list(truth)[::10]}
        clicks = {number: tracer.planes.lift(flat, number)[0] for number, flat in middle.items()}
        found[structure] = {each.slice: each for each in tracer.propose_contours(structure, clicks=clicks)}
    return found


@pytest.mark.parametrize("structure", CONTOUR_STRUCTURES)
def test_contours_from_every_tenth_slice_lie_on_the_truth(
    phantom: Phantom, contours: dict[str, dict[int, ContourProposal]], structure: str
) -> None:
    truth = phantom.truth.contours_by_slice(structure)
    placed = {number for number, proposal in contours[structure].items() if proposal}
    assert len(placed ^ set(truth)) <= 2
    off = [
        distance_to_polygon(truth[number].curve(), closed_curve(contours[structure][number].points))
        for number in placed & set(truth)
    ]
    assert np.mean(np.concatenate(off)) < 0.15
    assert np.percentile(np.concatenate(off), 95) < 0.4


def test_roots_from_every_tenth_slice_lie_on_the_truth_and_confidence_is_honest(
    phantom: Phantom, tracer: Tracer, contours: dict[str, dict[int, ContourProposal]]
) -> None:
    sparse = Annotation("01", planes=tracer.planes)
    for root in phantom.truth.roots:
        points = phantom.truth.root_by_slice(root)
        for number in {*sorted(points)[::10], max(points)}:
            sparse.set_root_point(root, number, points[number])
    off, confidence = [], []
    for root, proposals in tracer.propose_roots(sparse, surroundings=contours).items():
        truth = phantom.truth.root_by_slice(root)
        off += [float(np.linalg.norm(each.position - truth[each.slice])) for each in proposals]
        confidence += [each.confidence for each in proposals]
    sure = np.array(confidence) >= 0.9
    assert np.median(off) < 0.15
    assert np.percentile(off, 95) < 0.5
    assert sure.mean() > 0.8
    assert np.mean(np.array(off)[sure] > 0.7) <= 0.03


def test_roots_begin_at_the_cord_and_end_at_the_dura(
    phantom: Phantom, tracer: Tracer, contours: dict[str, dict[int, ContourProposal]]
) -> None:
    sparse = Annotation("01", planes=tracer.planes)
    truth = {root: phantom.truth.root_by_slice(root) for root in phantom.truth.roots}
    for root, points in truth.items():
        sparse.set_ganglion(root, phantom.truth.ganglia[root])
        for number in sorted(points)[4:-4:5]:
            sparse.set_root_point(root, number, points[number])
    found = tracer.propose_root_ends(sparse, surroundings=contours)
    starts = [abs(found[root][0].slice - min(points)) for root, points in truth.items()]
    ends = [abs(found[root][1].slice - max(points)) for root, points in truth.items()]
    assert np.median(starts) <= 1 and max(starts) <= 2
    assert np.median(ends) <= 1 and max(ends) <= 3


def test_a_root_that_is_marked_at_its_origin_is_hardly_followed_up_along_the_cord(
    phantom: Phantom, tracer: Tracer, contours: dict[str, dict[int, ContourProposal]]
) -> None:
    sparse = Annotation("01", planes=tracer.planes)
    truth = {root: phantom.truth.root_by_slice(root) for root in phantom.truth.roots}
    for root, points in truth.items():
        for number in {*sorted(points)[::10], max(points)}:
            sparse.set_root_point(root, number, points[number])
    found = tracer.propose_roots(sparse, onward=True, surroundings=contours)
    above = [
        min(truth[root]) - each.slice
        for root, points in found.items()
        for each in points
        if each and each.confidence > 0.5
    ]
    assert max(above) <= 3


@pytest.mark.parametrize(("image", "median", "p95"), [("DESS", 0.3, 1.5), ("T2TSE", 1.5, 3.0), (None, 0.3, 1.5)])
def test_a_ganglion_is_found_from_a_click_beside_it(
    phantom: Phantom, tracer: Tracer, image: str | None, median: float, p95: float
) -> None:
    off = []
    for root, truth in phantom.truth.ganglia.items():
        proposal = tracer.propose_ganglion(truth + (1.5, -1.0, 1.5), root, image)
        assert proposal, root
        off.append(float(np.linalg.norm(proposal.position - truth)))
    assert np.median(off) < median
    assert np.percentile(off, 95) < p95


def test_no_ganglion_is_proposed_where_there_is_none(phantom: Phantom, tracer: Tracer) -> None:
    ganglia = np.array(list(phantom.truth.ganglia.values()))
    in_front = ganglia.mean(axis=0) + [0.0, 30.0, 0.0]
    behind = ganglia[0] - [0.0, 14.0, 0.0]
    assert "no bright oval" in tracer.propose_ganglion(behind, image="DESS").reason
    assert not tracer.propose_ganglion(in_front, image="T2TSE")
