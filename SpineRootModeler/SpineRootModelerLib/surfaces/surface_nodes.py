"""Surfaces as model nodes, in place and in the colours of what they are, until the user chooses others."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, Root, color
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.surfaces import Model, Surface
from SpineRootLib.surfaces.files import poly_data
from SpineRootModelerLib.scene.one_subject import SubjectKey
from SpineRootScene.render_pause import rendering_paused

PART = "SpineRoot.Part"
# what lies inside must be seen through what lies around it; by eye
_OPACITY = {DURA: 0.25, CSF: 0.15, CORD: 0.8}
_OUTLINE_PX = 2  # by eye


class SurfaceNodes:
    """The model nodes of a subject's surfaces, found again by what they are, also in a scene that was loaded.

    Colours, visibility, names and places in the hierarchy are set when a node is made, and are the user's afterwards.
    """

    def __init__(self, scene: Any, subject: SubjectKey):
        self._scene, self._subject = scene, subject

    def by_part(self) -> dict[str, Any]:
        """The nodes on the scene by part: ``dura``, ``nerveroots_L1_L``."""
        nodes = self._scene.GetNodesByClass("vtkMRMLModelNode")
        models = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        return {node.GetAttribute(PART): node for node in models if self._subject.owns(node)}

    @rendering_paused()
    def show(self, model: Model) -> list[Any]:
        """Show a model in place of what was shown before; its nodes are returned."""
        known = self.by_part()
        for part in known.keys() - model.parts.keys():
            self._scene.RemoveNode(known[part])
        nodes = []
        for part, surface in model.parts.items():
            node = known.get(part) or self._made(part)
            node.SetAndObserveMesh(shaded(surface))
            nodes.append(node)
        return nodes

    @rendering_paused()
    def show_part(self, part: str, surface: Surface) -> None:
        """Replace one surface."""
        node = self.by_part().get(part) or self._made(part)
        node.SetAndObserveMesh(shaded(surface))

    def remove_part(self, part: str) -> None:
        """Take one surface out of the scene."""
        node = self.by_part().get(part)
        if node is not None:
            self._scene.RemoveNode(node)

    def remove(self) -> None:
        """Take all surfaces out of the scene, and their folder if nothing else is in it."""
        for node in self.by_part().values():
            self._scene.RemoveNode(node)
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), self._title)
        if folder and not hierarchy.GetNumberOfItemChildren(folder):
            hierarchy.RemoveItem(folder)

    @property
    def _title(self) -> str:
        return f"SpineRoot model sub-{self._subject.label}"

    def _made(self, part: str) -> Any:
        node = self._scene.AddNewNodeByClass("vtkMRMLModelNode", f"sub-{self._subject.label}_{part}")
        self._subject.claim(node)
        node.SetAttribute(PART, part)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetColor(*part_color(part))
        display.SetOpacity(_OPACITY.get(part, 1.0))
        display.SetSliceIntersectionThickness(_OUTLINE_PX)
        display.SetVisibility2D(part != CSF)
        display.SetVisibility3D(part != CSF)  # its walls are those of dura and cord
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        top = hierarchy.GetSceneItemID()
        folder = hierarchy.GetItemChildWithName(top, self._title) or hierarchy.CreateFolderItem(top, self._title)
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(folder, node)
        hierarchy.SetItemParent(item, folder)
        return node


def part_color(part: str) -> tuple[float, float, float]:
    """Colour of a part by its name: ``dura``, ``nerveroots_L1_L``."""
    structure, _, root = part.partition("_")
    return color(structure, Root.parse(root)) if structure == ROOTS else color(structure)


def shaded(surface: Surface) -> vtk.vtkPolyData:
    """The surface in RAS, with normals at its corners so that it looks smooth."""
    normals = vtk.vtkPolyDataNormals()
    # the scene is RAS; what `poly_data` makes for files is LPS
    normals.SetInputData(poly_data(Surface(flip_ras_lps(surface.vertices), surface.triangles)))
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()
