"""An image on the slices of the straight spine, with grain, so that no two places look alike."""

from __future__ import annotations

import numpy as np
from straight_spine import tilted_planes

from SpineRootLib.images import Image

COUNT = 20


def image_of_spine(seed: int = 1) -> Image:
    """80 x 80 voxels of 0.5 mm around the sac."""
    planes = tilted_planes(COUNT, degrees=0.0)
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [0.5 * planes.right, 0.5 * planes.anterior, planes.spacing * planes.down, planes.lift([[-20.0, -20.0]], 1)[0]]
    )
    return Image(np.random.default_rng(seed).integers(0, 400, (80, 80, COUNT)).astype(np.int16), affine)
