"""The subject's images as volume nodes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import slicer

from SpineRootAnnotatorLib.texts import _
from SpineRootLib.errors import ImageFileError


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
        return slicer.util.loadVolume(str(path), {"show": False})
    except RuntimeError as error:
        raise ImageFileError(_("cannot be loaded by Slicer"), path) from error


def _already_loaded(path: Path, scene: Any) -> Any | None:
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    for index in range(nodes.GetNumberOfItems()):
        node = nodes.GetItemAsObject(index)
        storage = node.GetStorageNode()
        if storage is not None and storage.GetFileName() and Path(storage.GetFileName()) == path:
            return node
    return None
