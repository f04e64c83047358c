"""The cameras of 3D views brought to what was just shown, once; afterwards they are the user's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import slicer

from SpineRootScene.appearance import CameraAngle

_ANGLE = CameraAngle()


def look_at(scene: Any, nodes: Iterable[Any]) -> None:
    """Look at nodes from behind, the head up, in every 3D view."""
    boxes = np.array([_bounds(node) for node in nodes])
    boxes = boxes[(boxes[:, :, 0] <= boxes[:, :, 1]).all(axis=1)] if len(boxes) else boxes
    if not len(boxes):
        return
    low, high = boxes[:, :, 0].min(axis=0), boxes[:, :, 1].max(axis=0)
    middle, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    views = scene.GetNodesByClass("vtkMRMLViewNode")
    for index in range(views.GetNumberOfItems()):
        camera = slicer.modules.cameras.logic().GetViewActiveCameraNode(views.GetItemAsObject(index))
        if camera is not None:
            _turn(camera, middle, radius)


def extent(node: Any) -> float:
    """The length of the diagonal of a node's bounding box, mm; 0 for nothing."""
    return float(np.linalg.norm(np.maximum(np.diff(_bounds(node), axis=1), 0.0)))


def _turn(camera: Any, middle: Any, radius: float) -> None:
    direction = np.array(_ANGLE.direction)
    away = radius / _ANGLE.fill / np.sin(np.radians(camera.GetViewAngle() / 2))
    was_modifying = camera.StartModify()
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + away * direction / np.linalg.norm(direction)))
    camera.SetViewUp(0.0, 0.0, 1.0)
    camera.SetParallelScale(radius / _ANGLE.fill)
    camera.EndModify(was_modifying)
    camera.ResetClippingRange()


def _bounds(node: Any) -> Any:
    bounds = np.zeros(6)
    node.GetRASBounds(bounds)
    return bounds.reshape(3, 2)
