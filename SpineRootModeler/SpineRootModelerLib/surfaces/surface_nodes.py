"""Surfaces as model nodes, in place and in the colours of what they are, until the user chooses others."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SpineRootLib.anatomy import CSF, DURA
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.surfaces import Model, Surface
from SpineRootLib.surfaces.files import MODELLED, poly_data
from SpineRootLib.surfaces.modelled import beyond_traced, root_of
from SpineRootLib.surfaces.rendering import part_color
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.one_subject import SubjectKey
from SpineRootScene.render_pause import rendering_paused

PART, _COLORS = "SpineRoot.Part", "SpineRoot.Colors"
# what lies inside must be seen through what lies around it; by eye
_OPACITY = {DURA: 0.35, CSF: 0.15}
# of a root where it was modelled and not traced: 0 has the colour of its segment, 1 is white; by eye
_PALENESS = 0.55
_TRACED, _MODELLED = 0, 1
_OUTLINE_PX = 2  # by eye


class SurfaceNodes:
    """The model nodes of a subject's surfaces, found again by what they are, also in a scene that was loaded.

    Colours, visibility, names and places in the hierarchy are set when a node is made, and are the user's afterwards.
    """

    def __init__(self, scene: Any, subject: SubjectKey):
        self._scene, self._subject = scene, subject
        # by display node, the observer of its colour and the table that follows it
        self._followed: dict[Any, tuple[int, Any]] = {}
        self._tints: dict[Any, tuple[float, ...]] = {}

    def by_part(self) -> dict[str, Any]:
        """The nodes on the scene by part: ``dura``, ``nerveroots_L1_L``."""
        nodes = self._scene.GetNodesByClass("vtkMRMLModelNode")
        models = [nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())]
        return {node.GetAttribute(PART): node for node in models if self._subject.owns(node)}

    @rendering_paused()
    def show(self, model: Model) -> list[Any]:
        """Show a model in place of what was shown before; its nodes are returned."""
        self._forget_deleted()
        known = self.by_part()
        for part in known.keys() - model.parts.keys():
            self._remove(known[part])
        nodes = []
        for part, surface in model.parts.items():
            node = known.get(part) or self._made(part)
            node.SetAndObserveMesh(shaded(surface, beyond_traced(model, part, surface.vertices) > 0))
            self._show_modelled(node)
            nodes.append(node)
        return nodes

    @rendering_paused()
    def show_part(self, part: str, surface: Surface, modelled: NDArray[np.bool_] | None = None) -> None:
        """Replace one surface; `modelled`, (n,), tells which of its vertices were not traced, none for None."""
        self._forget_deleted()
        node = self.by_part().get(part) or self._made(part)
        none = np.zeros(len(surface.vertices), dtype=bool)
        node.SetAndObserveMesh(shaded(surface, none if modelled is None else modelled))
        self._show_modelled(node)

    def remove_part(self, part: str) -> None:
        """Take one surface out of the scene."""
        node = self.by_part().get(part)
        if node is not None:
            self._remove(node)

    def remove(self) -> None:
        """Take all surfaces out of the scene, and their folder if nothing else is in it."""
        for node in self.by_part().values():
            self._remove(node)
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        folder = hierarchy.GetItemChildWithName(hierarchy.GetSceneItemID(), self._title)
        if folder and not hierarchy.GetNumberOfItemChildren(folder):
            hierarchy.RemoveItem(folder)

    def _remove(self, node: Any) -> None:
        """A surface's node and what belongs to it alone."""
        display, table = node.GetDisplayNode(), node.GetNodeReference(_COLORS)
        self._scene.RemoveNode(node)
        self._forget(display, table)

    def _forget_deleted(self) -> None:
        """Of surfaces that the user took out of the scene: nothing of ours stays."""
        for display, (_tag, table) in list(self._followed.items()):
            if display.GetScene() is None:
                self._forget(display, table)

    def _forget(self, display: Any, table: Any) -> None:
        tag, _table = self._followed.pop(display, (None, None))
        if tag is not None:
            display.RemoveObserver(tag)
        if table is not None:
            self._tints.pop(table, None)
            self._scene.RemoveNode(table)

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
        # one layer of the dura alone is seen through: two would show their triangles in each other
        display.SetBackfaceCulling(part == DURA)
        display.SetSliceIntersectionThickness(_OUTLINE_PX)
        display.SetVisibility2D(part != CSF)
        display.SetVisibility3D(part != CSF)  # its walls are those of dura and cord
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)
        top = hierarchy.GetSceneItemID()
        folder = hierarchy.GetItemChildWithName(top, self._title) or hierarchy.CreateFolderItem(top, self._title)
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(folder, node)
        hierarchy.SetItemParent(item, folder)
        return node

    def _show_modelled(self, node: Any) -> None:
        """Draw a surface paler where it was modelled, in the colour that it has now, and follow the user's choice."""
        if root_of(node.GetAttribute(PART)) is None and node.GetAttribute(PART) != DURA:
            return
        display, table = node.GetDisplayNode(), self._table_of(node)
        was_modifying = display.StartModify()
        display.SetAndObserveColorNodeID(table.GetID())
        display.SetActiveScalarName(MODELLED)
        display.SetScalarRangeFlag(display.UseManualScalarRange)
        display.SetScalarRange(_TRACED, _MODELLED)
        display.SetScalarVisibility(True)
        display.EndModify(was_modifying)
        self._tint(display, table)
        if display not in self._followed:
            tag = display.AddObserver("ModifiedEvent", lambda *_: self._tint(display, table))
            self._followed[display] = tag, table

    def _table_of(self, node: Any) -> Any:
        """The two colours of a surface."""
        known = node.GetNodeReference(_COLORS)
        if known is None:
            known = self._scene.AddNewNodeByClass("vtkMRMLColorTableNode", f"{node.GetName()} colors")
            known.SetTypeToUser()
            known.SetNumberOfColors(2)
            known.HideFromEditorsOn()
            node.SetNodeReferenceID(_COLORS, known.GetID())
        return known

    def _tint(self, display: Any, table: Any) -> None:
        color = display.GetColor()
        if color != self._tints.get(table):
            self._tints[table] = color
            table.SetColor(_TRACED, _("traced"), *color, 1.0)
            table.SetColor(_MODELLED, _("modelled"), *paler(color), 1.0)


def paler(color: tuple[float, ...]) -> tuple[float, ...]:
    """The colour of what was modelled and not traced."""
    return tuple((1.0 - _PALENESS) * channel + _PALENESS for channel in color)


def shaded(surface: Surface, modelled: NDArray[np.bool_] | None = None) -> vtk.vtkPolyData:
    """The surface in RAS, with normals at its corners so that it looks smooth, and the array of what was modelled."""
    normals = vtk.vtkPolyDataNormals()
    # the scene is RAS; what `poly_data` makes for files is LPS
    marked = None if modelled is None else modelled.astype(np.uint8)
    normals.SetInputData(poly_data(Surface(flip_ras_lps(surface.vertices), surface.triangles), marked))
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()
