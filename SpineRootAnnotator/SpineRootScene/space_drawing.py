"""What is drawn of a whole annotation in 3D."""

from __future__ import annotations

import numpy as np

from SpineRootLib.slice_index import SliceIndex
from SpineRootScene.appearance import Appearance
from SpineRootScene.line_drawing import LineDrawing
from SpineRootScene.palette import Palette


def draw_in_space(index: SliceIndex, palette: Palette, look: Appearance) -> LineDrawing:
    """Contours as rings, roots as lines from slice to slice, ganglia as crosses."""
    drawing, annotation = LineDrawing(), index.annotation
    for structure, contours in index.contours.items():
        for number in contours:
            drawing.line(index.curve(structure, number), palette.of(structure), closed=True)
    for root, points in annotation.roots.items():
        if index.hidden is not None and index.hidden.root == root:
            shown = [point for _number, point in sorted(index.roots[root].items())]
            drawing.line(np.array(shown).reshape(-1, 3), palette.of(root))
        else:
            drawing.line(annotation.root_descending(root) if annotation.planes else points, palette.of(root))
    for root, ganglion in annotation.ganglia.items():
        for arm in np.eye(3) * look.ganglion_mm:
            drawing.line(np.stack([ganglion - arm, ganglion + arm]), palette.of(root))
    return drawing
