"""The picture of a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from straight_spine import straight_spine

from SpineRootLib.anatomy import CORD, Root, color
from SpineRootLib.errors import DatasetError
from SpineRootLib.surfaces import Model, ModelSettings, build_model
from SpineRootLib.surfaces.rendering import (
    RenderingSettings,
    part_color,
    read_view_from_behind,
    render,
    write_rendering,
)
from SpineRootLib.surfaces.separation_settings import FlatteningSettings

LEFT, RIGHT = Root("L1", "L"), Root("L1", "R")
SETTINGS = RenderingSettings()
# colours are not mixed with the dura's
BARE = RenderingSettings(dura_opacity=0.0)
WIDTH = round(SETTINGS.width_mm * SETTINGS.pixels_per_mm)


@pytest.fixture(scope="module")
def model() -> Model:
    return build_model(straight_spine())


def has_hue(picture: np.ndarray, rgb: tuple[float, float, float], tolerance: float = 0.06) -> np.ndarray:
    """Which pixels are lighter or darker shades of a colour."""
    pixels = picture / 255.0
    bright = pixels / np.maximum(pixels.max(axis=-1, keepdims=True), 1e-6)
    return np.abs(bright - np.array(rgb) / max(rgb)).max(axis=-1) < tolerance


def views(picture: np.ndarray) -> list[np.ndarray]:
    return [picture[SETTINGS.head :, start : start + WIDTH] for start in (0, WIDTH)]


def test_both_views_show_cord_and_roots_in_their_colours(model):
    behind, left = views(render(model, BARE))
    for view in (behind, left):
        for name in (CORD, "nerveroots_L1_L"):
            assert has_hue(view, part_color(name)).sum() > 200
    assert has_hue(behind, part_color("nerveroots_L1_R")).sum() > 200


def test_a_root_has_the_colour_of_its_segment():
    assert part_color("cord") == color(CORD)
    assert part_color("nerveroots_L1_L") == (0.9, 0.62, 0.0)


def test_from_behind_the_left_root_is_on_the_left_below_the_highest_plane_of_the_dura():
    spine = straight_spine(count=12, cord_slices=6)
    del spine.roots[RIGHT]
    view = views(render(build_model(spine)))[0].astype(int)
    reddish = view[..., 0] - view[..., 2] > 80
    columns = np.flatnonzero(reddish.any(axis=0))
    assert len(columns) > 0
    assert columns.max() < WIDTH / 2
    inked = np.flatnonzero((view.sum(axis=2) < 3 * 250).any(axis=1))
    assert inked[0] <= 2


def test_a_root_is_solid_as_far_as_it_is_traced_and_dashed_and_pale_beyond(model):
    """Rows from the emergence on: the left root is seen on every one above its last point, not on every one below."""
    view, spine = views(render(model, BARE))[0][:, : WIDTH // 2], straight_spine()
    top = max(float(surface.vertices[:, 2].max()) for surface in model.parts.values())
    line = model.centrelines[LEFT]
    last = spine.root_descending(LEFT)[-1]

    def rows(from_mm: float, to_mm: float) -> slice:
        return slice(round((top - from_mm) * SETTINGS.pixels_per_mm), round((top - to_mm) * SETTINGS.pixels_per_mm))

    solid = has_hue(view, part_color("nerveroots_L1_L"), 0.12)
    traced = solid[rows(line[0, 2] - 3.0, last[2] + 1.0)].any(axis=1)
    assert len(traced) > 20
    assert traced.all()
    beyond = view[rows(last[2] - 1.0, line[-1, 2] + 1.0)]
    drawn = (beyond < 235).any(axis=2) & (beyond.max(axis=2) - beyond.min(axis=2).astype(int) > 20)
    gaps = ~drawn.any(axis=1)
    assert 0.15 < gaps.mean() < 0.85
    assert np.abs(np.diff(gaps.astype(int))).sum() >= 4
    assert not solid[rows(last[2] - 1.0, line[-1, 2] + 1.0)].any()


def test_a_conflict_is_ringed_where_it_is_and_counted_in_the_legend(model):
    crowded = straight_spine()
    crowded.roots[Root("L2", "L")] = crowded.root_descending(LEFT)[2:] + [0.0, 0.02, 0.0]
    crowded.set_ganglion(Root("L2", "L"), crowded.ganglia[LEFT] + [0.0, 4.0, -20.0])
    conflicted = build_model(crowded, ModelSettings(flattening=FlatteningSettings(flatten=False)))
    red = (0.85, 0.0, 0.10)

    def ringed(picture: np.ndarray) -> np.ndarray:
        return np.abs(picture / 255.0 - red).max(axis=-1) < 0.02

    assert not ringed(render(model)).any()
    picture = render(conflicted)
    top = max(float(surface.vertices[:, 2].max()) for surface in conflicted.parts.values())
    place = np.array(conflicted.report["conflicts"][0]["position_ras"])
    row = round((top - place[2]) * SETTINGS.pixels_per_mm)
    across = round(SETTINGS.ring_mm * SETTINGS.pixels_per_mm)
    for view in views(picture):
        rows = np.flatnonzero(ringed(view).any(axis=1))
        assert rows.min() <= row - across + 2
        assert row + across - 2 <= rows.max()
    assert ringed(picture[:, 2 * WIDTH :]).any()


def test_the_scale_is_as_long_as_it_says(model):
    lowest = render(model)[-130:, 2 * WIDTH :]
    dark = (lowest < 60).all(axis=2).sum(axis=0)
    assert dark.max() == pytest.approx(SETTINGS.bar_mm * SETTINGS.pixels_per_mm, abs=2)


def test_the_view_from_behind_is_read_back_as_it_was_drawn(model, tmp_path):
    """The sheet of all subjects is put together from the subjects' own pictures."""
    path = write_rendering(model, tmp_path / "model.png")
    view = read_view_from_behind(path)
    drawn = views(render(model))[0]
    assert np.array_equal(view, drawn[: len(view)])
    assert (drawn[len(view) :] == 255).all()


def test_what_is_no_picture_of_a_model_is_refused_with_its_name(tmp_path: Path):
    small = tmp_path / "small.png"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((4, 4, 3), np.uint8), isVector=True), str(small))
    (tmp_path / "text.png").write_text("no picture")
    for path in (small, tmp_path / "text.png"):
        with pytest.raises(DatasetError, match=path.name):
            read_view_from_behind(path)
