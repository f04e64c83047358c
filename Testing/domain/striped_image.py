"""Images whose voxels are known one by one, in the frame of the subject drawn with ruler and compass."""

from __future__ import annotations

import numpy as np

from SpineRootLib.images import Image
from SpineRootLib.planes import SlicePlanes


def image_on(planes: SlicePlanes, width: int = 61, step: float = 0.5, value: float = 0.0) -> Image:
    """An image on slice planes, centred on their origin; the third voxel axis points to the head."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = planes.right * step, planes.anterior * step
    affine[:3, 2] = -planes.down * planes.spacing
    # off the round numbers of the contours: no voxel's centre lies on one
    corner = np.array([0.11, 0.07]) - (width // 2) * step
    affine[:3, 3] = planes.lift(corner, planes.count)[0]
    return Image(np.full((width, width, planes.count), value), affine)


def flat_places(image: Image, planes: SlicePlanes) -> np.ndarray:
    """In-plane millimetres, (width, width, 2), of the voxels of every slice."""
    width = image.voxels.shape[0]
    index = np.indices((width, width, 1)).reshape(3, -1).T
    return planes.flatten(image.ras_of(index)).reshape(width, width, 2)
