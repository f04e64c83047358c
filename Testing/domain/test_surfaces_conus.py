"""The cord's tip as a cone, and the filum, below its last contour."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import DURA_RADIUS, circle, tilted_planes

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.errors import SpineRootError
from SpineRootLib.surfaces import ModelSettings, build_model
from SpineRootLib.surfaces.modelled import beyond_traced
from SpineRootLib.surfaces.settings import ConusSettings, WallEndSettings

LAST, COUNT = 20, 50
# the cord narrows from 4 mm by 0.15 mm a slice of 1 mm
TIP_MM = 4.0 - 0.15 * (LAST - 1)


def spine():
    """A round sac and a cord, a little behind its middle, that narrows to a tip of 1.15 mm."""
    planes = tilted_planes(COUNT, 1.0)
    annotation = Annotation("01", planes=planes)
    for n in range(1, COUNT + 1):
        annotation.contours[DURA].append(Contour(planes.lift(circle(DURA_RADIUS), n), f"dura_{n}"))
    for n in range(1, LAST + 1):
        ring = circle(4.0 - 0.15 * (n - 1)) + [0.0, -1.0]
        annotation.contours[CORD].append(Contour(planes.lift(ring, n), f"cord_{n}"))
    numbers = np.arange(8, COUNT + 1)
    flat = np.column_stack([np.linspace(4.0, 7.0, len(numbers)), np.full(len(numbers), -2.0)])
    annotation.roots[Root("L1", "R")] = planes.lift(flat, numbers)
    annotation.ganglia[Root("L1", "R")] = planes.lift([[14.0, 0.0]], COUNT + 10)[0]
    return annotation


def built(kind):
    return build_model(spine(), ModelSettings(csf=False, ends=WallEndSettings(conus=kind)))


@pytest.fixture(scope="module")
def filum():
    return built("filum")


def radii(model, depths):
    """About the middle of the cord's course, at depths."""
    planes = spine().require_planes()
    flat, depth = planes.flatten(model.parts[CORD].vertices), planes.depth(model.parts[CORD].vertices)
    middle = planes.flatten(planes.origin[None])[0] + [0.0, -1.0]
    away = np.linalg.norm(flat - middle, axis=1)
    return [float(away[np.abs(depth - each) < 0.6].max()) for each in depths]


def test_round_ends_where_it_was_drawn_and_a_cone_narrows_on_as_the_cord_does():
    planes, thin = spine().require_planes(), ConusSettings().filum_mm / 2
    bottom = {kind: planes.depth(built(kind).parts[CORD].vertices).max() for kind in ("round", "cone")}
    assert bottom["round"] < LAST - 1 + 1.3
    assert bottom["cone"] == pytest.approx(LAST - 1 + (TIP_MM - thin) / 0.15 + thin, abs=1.0)  # smoothed


def test_the_filum_goes_on_within_the_sac_to_its_end(filum):
    planes, thin = spine().require_planes(), ConusSettings().filum_mm / 2
    assert radii(filum, [30.0, 38.0]) == pytest.approx([thin, thin], abs=0.06)
    bottom = planes.depth(filum.parts[CORD].vertices).max()
    assert bottom == pytest.approx(COUNT - 1 - ConusSettings().above_end_mm + thin, abs=0.2)
    assert filum.parts[CORD].is_watertight()


def test_what_is_modelled_of_the_cord_is_said_and_marked(filum):
    vertices = filum.parts[CORD].vertices
    depth = spine().require_planes().depth(vertices)
    assert ((beyond_traced(filum, CORD, vertices) > 1e-3) == (depth > LAST - 1 + 1e-3)).all()
    assert any("the cord below slice 20 is modelled" in finding.message for finding in filum.findings)
    assert "cord_modelled" not in built("round").report


def test_roots_leave_the_cord_where_it_was_traced_and_not_the_filum():
    below = spine()
    below.roots = {root: points[20:] for root, points in below.roots.items()}
    model = build_model(below, ModelSettings(csf=False, ends=WallEndSettings(conus="filum")))
    assert any("does not begin at the cord" in finding.message for finding in model.findings)


def test_an_unknown_end_of_the_cord_is_refused():
    with pytest.raises(SpineRootError, match="'flat' is no end of the cord"):
        WallEndSettings(conus="flat")
