"""Texts in figures stay where they can be read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from SpineRootLib.agreement.figures import _name_rays  # noqa: E402
from SpineRootLib.anatomy import DEFAULT_SEGMENTS, SIDES, Root  # noqa: E402
from SpineRootLib.figures import drawn, fit  # noqa: E402


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_long_text_becomes_smaller_until_it_fits_and_a_short_one_stays(tmp_path: Path, rotation: int) -> None:
    with drawn(tmp_path / "figure.png", 120.0, 120.0) as figure:
        long = figure.text(0, 0, "Mean shift from jonathan01 to katharina02", fontsize=8, rotation=rotation)
        short = figure.text(0, 0, "A to B", fontsize=8, rotation=rotation)
        for text in (long, short):
            fit(text, 40.0)
        box = long.get_window_extent()
        assert 36.0 < 25.4 * max(box.width, box.height) / figure.dpi <= 40.0
        assert short.get_fontsize() == 8


def test_names_of_rays_that_end_side_by_side_do_not_cover_each_other(tmp_path: Path) -> None:
    every = [Root(segment, side) for segment in DEFAULT_SEGMENTS for side in SIDES]
    shifts = {root: np.array([0.6 + 0.02 * number, 0.5]) for number, root in enumerate(every[:5])}
    with drawn(tmp_path / "figure.png", 48.0, 48.0, layout=None) as figure:
        axis = figure.add_axes((0, 0, 1, 1), xlim=(1.0, -1.0), ylim=(-1.0, 1.0))
        _name_rays(axis, shifts, 1.0)
        boxes = [text.get_window_extent() for text in axis.texts]
        assert len(boxes) == 5
        assert [pair for pair in combinations(range(5), 2) if boxes[pair[0]].overlaps(boxes[pair[1]])] == []
