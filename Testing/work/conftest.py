"""Every test here runs without Slicer: the bookkeeping of an annotator's work needs none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SpineRootLib.anatomy import CORD, DURA, Root
from SpineRootLib.annotation import Annotation, Contour
from SpineRootLib.planes import SlicePlanes

# five degrees about the left-right axis: S is not the slice axis
PLANES = SlicePlanes.from_normal([4.0, -30.0, -200.0], [0.0, np.sin(np.radians(5)), np.cos(np.radians(5))], 2.0, 12)
L3 = Root("L3", "L")


@pytest.fixture
def annotation() -> Annotation:
    """A dura on slices 2 to 4 and 7, a cord on 3, one root on slices 2 to 6, its ganglion."""
    made = Annotation("01", "A", planes=PLANES)
    made.contours = {
        DURA: [Contour(circle(9.0, number)) for number in (2, 3, 4, 7)],
        CORD: [Contour(circle(3.0, 3))],
    }
    numbers = np.arange(2, 7)
    made.roots[L3] = PLANES.lift(np.tile([-5.0, -3.0], (len(numbers), 1)), numbers)
    made.ganglia[L3] = PLANES.lift([[-15.0, 0.0]], 11)[0]
    return made


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    """The folder of annotator A's markups in an empty dataset."""
    return tmp_path / "derivatives" / "markers-A"


def circle(radius_mm: float, number: int) -> np.ndarray:
    """Control points of a circle on a slice, (16, 3) RAS."""
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return PLANES.lift(radius_mm * np.column_stack([np.cos(angle), np.sin(angle)]), number)
