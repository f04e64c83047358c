"""The subject's images as volume nodes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk

from SpineRootLib.errors import ImageFileError
from SpineRootLib.images import Image
from SpineRootLib.translation import _
from SpineRootScene.appearance import FluidWindow

_WINDOW = FluidWindow()


def volume_node(path: Path, scene: Any) -> Any:
    """The volume of an image file: the one that the scene already holds, else loaded now.

    Raises
    ------
    ImageFileError
        if Slicer cannot load it.
    """
    loaded = _already_loaded(path, scene)
    if loaded is not None:
        return loaded
    # scanners write affines whose axes are not exactly orthogonal; ITK refuses them otherwise
    os.environ.setdefault("ITK_NIFTI_SFORM_PERMISSIVE", "1")
    try:
        volume = slicer.util.loadVolume(str(path), {"show": False})
    except RuntimeError as error:
        raise ImageFileError(_("cannot be loaded by Slicer"), path) from error
    _show_fluid(volume)
    return volume


def image_of(volume: Any) -> Image:
    """A volume node's voxels, not copied, with their affine to RAS."""
    ijk_to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    return Image(slicer.util.arrayFromVolume(volume).transpose(2, 1, 0), slicer.util.arrayFromVTKMatrix(ijk_to_ras))


def _show_fluid(volume: Any) -> None:
    """Choose window and level so that the fluid's greys are told apart, in which thin roots are seen.

    Slicer makes the brightest thousandth of all voxels white. In a whole field of view that is half of the thecal sac;
    of the middle third, in which the sac lies, it is the brightest of its noise.
    """
    display, voxels = volume.GetDisplayNode(), slicer.util.arrayFromVolume(volume)
    if voxels.ndim != 3 or not display.GetAutoWindowLevel():
        return
    middle = voxels[tuple(slice(size // 3, size - size // 3, _WINDOW.step) for size in voxels.shape)]
    low, high = display.GetWindowLevelMin(), float(np.percentile(middle, _WINDOW.white_percentile))
    if high > low:
        display.AutoWindowLevelOff()
        display.SetWindowLevelMinMax(low, high)


def _already_loaded(path: Path, scene: Any) -> Any | None:
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    for index in range(nodes.GetNumberOfItems()):
        node = nodes.GetItemAsObject(index)
        storage = node.GetStorageNode()
        if storage is not None and storage.GetFileName() and Path(storage.GetFileName()) == path:
            return node
    return None
