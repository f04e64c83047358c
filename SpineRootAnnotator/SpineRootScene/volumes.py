"""The subject's images as volume nodes."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SpineRootLib.errors import ImageFileError
from SpineRootLib.images import Image, read_frame
from SpineRootLib.translation import _
from SpineRootScene.appearance import FluidWindow

_WINDOW = FluidWindow()
# of the elements of a transform that does nothing, in mm and without unit: far below a voxel across any image
_UNMOVED = 1e-5
# of a volume, an attribute that a saved scene keeps: the file that it was loaded from, as it was then
_FILE = "SpineRoot.File"
# and where its voxels were then, voxel to RAS mm
_AFFINE = "SpineRoot.Affine"
# an image file stores its position as 32-bit numbers, of up to a metre
_SAME_MM = 1e-3
# by so much Slicer moves voxels of an affine whose axes are not exactly orthogonal; far less than a voxel
_SQUARED_MM = 0.2
_SOME = 4  # every how many voxels along each axis are summed up: some ms for a whole CISS


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
    plain = path.name.partition(".")[0]
    if scene.GetFirstNodeByName(plain) is None:  # Slicer counts on what was taken out of the scene
        volume.SetName(plain)
    _show_fluid(volume)
    volume.SetAttribute(_FILE, _made_of(volume, path))
    volume.SetAttribute(_AFFINE, _written(_affine(volume)))
    return volume


def image_of(volume: Any) -> Image:
    """A volume node's voxels, not copied, with their affine to RAS."""
    return Image(slicer.util.arrayFromVolume(volume).transpose(2, 1, 0), _affine(volume))


def is_moved(volume: Any) -> bool:
    """Whether a transform shows the volume elsewhere than its file says: what is clicked on it lies beside."""
    transform = volume.GetParentTransformNode()
    if transform is None:
        return False
    if not transform.IsTransformToWorldLinear():
        return True
    to_world = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(to_world)
    return not np.allclose(slicer.util.arrayFromVTKMatrix(to_world), np.eye(4), rtol=0.0, atol=_UNMOVED)


def is_replaced(volume: Any) -> bool:
    """Whether the volume's own position was changed since it was loaded, as by hardening a transform."""
    loaded = volume.GetAttribute(_AFFINE)
    return loaded is not None and not np.allclose(_read(loaded), _affine(volume), rtol=0.0, atol=_SAME_MM)


def moved_fault(volumes: Mapping[str, Any], *names: str) -> str:
    """Which of these images is seen elsewhere than its file says, a sentence; empty if none is.

    Parameters
    ----------
    volumes : volume nodes by name, such as ``CISS``.
    """
    for name in names:
        volume = volumes.get(name)
        if volume is not None and is_moved(volume):
            fault = _(
                "{image} is under a transform: marks would be saved beside what they are seen on. Take it out of"
                " the transform in the Data module."
            )
            return fault.format(image=name)
        if volume is not None and is_replaced(volume):
            fault = _(
                "{image} lies elsewhere than its file says, as after hardening a transform: marks would be saved beside"
                " what they are seen on. Delete it in the Data module and open the subject again."
            )
            return fault.format(image=name)
    return ""


def _affine(volume: Any) -> NDArray[np.float64]:
    """Voxel to RAS mm, (4, 4)."""
    ijk_to_ras = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    return np.asarray(slicer.util.arrayFromVTKMatrix(ijk_to_ras))


def _written(affine: NDArray[np.float64]) -> str:
    return " ".join(map(repr, affine.ravel().tolist()))


def _read(text: str) -> NDArray[np.float64]:
    return np.array(text.split(), dtype=np.float64).reshape(4, 4)


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
    """The volume of a file, from wherever the scene has it: a saved scene brings its own copy along."""
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    every = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    stamp = _file_stamp(path)
    for node in every:
        known = node.GetAttribute(_FILE) or ""
        if stamp and known.startswith(f"{stamp} ") and known == _made_of(node, path):
            return node
    for node in every:
        storage = node.GetStorageNode()
        if storage is not None and storage.GetFileName() and _is_same(Path(storage.GetFileName()), path):
            if node.GetAttribute(_AFFINE) is None and not _lies_as(node, path):
                continue  # somebody loaded the file, and moved its image
            node.SetAttribute(_AFFINE, node.GetAttribute(_AFFINE) or _written(_affine(node)))
            return node
    return None


def _lies_as(volume: Any, path: Path) -> bool:
    """Whether a volume takes the same room as the image in a file: Slicer may count its slices the other way round."""
    grids = (image_of(volume), read_frame(path))
    boxes = [
        np.array([corners.min(axis=0), corners.max(axis=0)])
        for grid in grids
        for corners in [grid.ras_of(list(product(*((0, size - 1) for size in grid.voxels.shape[:3]))))]
    ]
    return bool(np.abs(boxes[0] - boxes[1]).max() < _SQUARED_MM)


def _made_of(volume: Any, path: Path) -> str:
    """The file, and a checksum of some of the voxels: whether the user has filtered the image since."""
    voxels = slicer.util.arrayFromVolume(volume)
    some = voxels[tuple(slice(None, None, _SOME) for _axis in voxels.shape)]
    return f"{_file_stamp(path)} {zlib.crc32(some.tobytes())}"


def _file_stamp(path: Path) -> str:
    """A file as it is now: where it lies, how long it is, when it was written; empty where it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return ""
    # a link that is called otherwise may be another subject's
    return f"{path.parent.resolve() / path.name} {found.st_size} {found.st_mtime_ns}"


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file of one name, by whatever links."""
    try:
        return one == other or (one.name == other.name and one.samefile(other))
    except OSError:
        return False
