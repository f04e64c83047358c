"""A 3D view is drawn more lightly while it is turned, by real mouse events."""

from __future__ import annotations

import numpy as np
import pytest

from SpineRootModelerLib.scene.light_turning import LightTurning

START, END = (250, 200), (320, 230)


@pytest.fixture
def turning(scene, three_d):  # noqa: ARG001
    three_d.renderer.SetUseDepthPeeling(True)
    watched = LightTurning()
    watched.listen(three_d.interactor)
    watched.listen(three_d.interactor)
    yield watched
    watched.release()
    three_d.renderer.SetUseDepthPeeling(False)


def drawn(view):
    """Samples a pixel, depth peeling and sorted translucency."""
    return view.window.GetMultiSamples() > 0, bool(view.renderer.GetUseDepthPeeling()), bool(view.renderer.GetUseOIT())


@pytest.mark.usefixtures("turning")
@pytest.mark.parametrize("button", ["Left", "Middle", "Right"])
def test_while_it_is_turned_a_view_is_drawn_lightly_and_then_as_before(three_d, button):
    assert drawn(three_d) == (True, True, True)
    position = np.array(three_d.camera.GetPosition())
    three_d.press(START, button)
    three_d.move(END)
    assert drawn(three_d) == (False, False, False)
    three_d.release(END, button)
    assert drawn(three_d) == (True, True, True)
    assert not np.allclose(three_d.camera.GetPosition(), position), "Slicer's own reaction was not kept from it"


@pytest.mark.usefixtures("turning")
def test_a_click_and_a_pointer_that_passes_change_nothing(three_d):
    three_d.move(END)
    assert drawn(three_d) == (True, True, True)
    three_d.press(START)
    assert drawn(three_d) == (True, True, True)
    three_d.release(START)
    three_d.move(END)
    assert drawn(three_d) == (True, True, True)


def test_who_stops_watching_leaves_the_view_as_it_was(turning, three_d):
    three_d.press(START)
    three_d.move(END)
    turning.release()
    assert drawn(three_d) == (True, True, True)
    three_d.release(END)
    three_d.press(START)
    three_d.move(END)
    assert drawn(three_d) == (True, True, True), "it hears nothing any more"
    three_d.release(END)
