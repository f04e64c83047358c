"""Surfaces as model nodes, in place and in the colours of what they are."""

from __future__ import annotations

from typing import Any

import slicer

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, Root, color
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.surfaces import Model, Surface
from SpineRootLib.surfaces.files import poly_data

SURFACE_OF = "SpineRoot.SurfaceOf"
# What lies inside must be seen through what lies around it.
_OPACITY = {DURA: 0.25, CSF: 0.15, CORD: 0.8}


def show_model(model: Model, scene: Any) -> list[Any]:
    """Model nodes of all surfaces, in one folder of the subject hierarchy, in place of what was there before."""
    title = f"SpineRoot model sub-{model.subject}"
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    top = hierarchy.GetSceneItemID()
    folder = hierarchy.GetItemChildWithName(top, title) or hierarchy.CreateFolderItem(top, title)
    _remove_shown(scene, model.subject)
    nodes = []
    for part, surface in model.parts.items():
        node = _model_node(scene, f"sub-{model.subject}_{part}", part, surface)
        node.SetAttribute(SURFACE_OF, model.subject)
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(folder, node)
        hierarchy.SetItemParent(item, folder)
        nodes.append(node)
    return nodes


def part_color(part: str) -> tuple[float, float, float]:
    """Colour of a part by its name: ``dura``, ``nerveroots_L1_L``."""
    structure, _, root = part.partition("_")
    return color(structure, Root.parse(root)) if structure == ROOTS else color(structure)


def _remove_shown(scene: Any, subject: str) -> None:
    nodes = scene.GetNodesByClass("vtkMRMLModelNode")
    models = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
    for node in models:
        if node.GetAttribute(SURFACE_OF) == subject:
            scene.RemoveNode(node)


def _model_node(scene: Any, name: str, part: str, surface: Surface) -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLModelNode", name)
    # the scene is RAS; what `poly_data` makes for files is LPS
    node.SetAndObserveMesh(poly_data(Surface(flip_ras_lps(surface.vertices), surface.triangles)))
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(*part_color(part))
    display.SetOpacity(_OPACITY.get(part, 1.0))
    display.SetVisibility2D(part != CSF)
    display.SetVisibility3D(part != CSF)  # its walls are those of dura and cord
    return node
