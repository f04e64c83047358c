"""The tracer on the images that are in the scene: no file is read twice."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

from SpineRootLib.images import Image
from SpineRootLib.tracing import Tracer


def image_of(volume: Any) -> Image:
    """A volume node's voxels, not copied, with their affine to RAS."""
    ijk_to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    return Image(slicer.util.arrayFromVolume(volume).transpose(2, 1, 0), slicer.util.arrayFromVTKMatrix(ijk_to_ras))


def tracer_of(volumes: dict[str, Any]) -> Tracer | None:
    """A tracer on the CISS volume; None where there is none."""
    ciss = volumes.get("CISS")
    if ciss is None:
        return None
    overviews = {name: image_of(volume) for name, volume in volumes.items() if name != "CISS"}
    return Tracer(image_of(ciss), overviews=overviews)
