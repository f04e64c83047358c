"""The picture of a model."""

from __future__ import annotations

import matplotlib.image
import numpy as np
import pytest
from straight_spine import straight_spine

from SpineRootLib.anatomy import CORD, color
from SpineRootLib.surfaces import build_model
from SpineRootLib.surfaces import picture as drawing
from SpineRootLib.surfaces.picture import NoOffscreenError, part_color, write_picture


def test_a_picture_shows_cord_and_roots_in_their_colours(tmp_path):
    model = build_model(straight_spine())
    try:
        path = write_picture(model, tmp_path / "model.png")
    except NoOffscreenError as error:
        pytest.skip(str(error))
    pixels = matplotlib.image.imread(path)[..., :3]
    assert pixels.shape[0] > 1000
    for name in (CORD, "nerveroots_L1_L", "nerveroots_L1_R"):
        hue = np.array(part_color(name)) / max(part_color(name))
        bright = pixels / np.maximum(pixels.max(axis=-1, keepdims=True), 1e-6)
        assert (np.abs(bright - hue).max(axis=-1) < 0.06).sum() > 500


def test_a_root_has_the_colour_of_its_segment():
    assert part_color("cord") == color(CORD)
    assert part_color("nerveroots_L1_L") == (0.9, 0.62, 0.0)


def test_without_off_screen_drawing_the_picture_is_left_out_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "_WINDOWS", ())
    with pytest.raises(NoOffscreenError, match="this machine has no off-screen OpenGL"):
        write_picture(build_model(straight_spine()), tmp_path / "model.png")
    assert not list(tmp_path.iterdir())
