"""Items of the subject hierarchy that come and go with their nodes, as Slicer's plugin logic has it."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

# As Slicer's plugin logic has it: the tree is whole when others hear that a scene was imported.
_BEFORE_OTHERS = 10.0


def follow_nodes(scene: Any) -> None:
    """Keep the hierarchy's items in step with the scene's nodes from now on."""

    def add_item(node: Any) -> None:
        hierarchy = _hierarchy(scene)
        shown = node.IsA("vtkMRMLDisplayableNode") and not node.GetHideFromEditors()
        if shown and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def added(_scene: Any, _event: str, node: Any) -> None:
        if not scene.IsImporting():  # the imported hierarchy is not resolved yet
            add_item(node)

    def imported(_scene: Any, _event: str) -> None:
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
        for index in range(scene.GetNumberOfNodes()):
            add_item(scene.GetNthNode(index))

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def about_to_be_removed(_scene: Any, _event: str, node: Any) -> None:
        if scene.IsClosing() or node.IsA("vtkMRMLSubjectHierarchyNode"):
            return
        hierarchy = _hierarchy(scene)
        item = hierarchy.GetItemByDataNode(node)
        if item:
            hierarchy.RemoveItem(item, False, False)

    def closing(_scene: Any, _event: str) -> None:
        _hierarchy(scene).RemoveAllItems()

    def closed(_scene: Any, _event: str) -> None:
        # Without a hierarchy of its own, a scene would take that of the file it reads next, and with it items whose
        # parents are not there: the views then look for the top of the tree for ever.
        slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)

    scene.AddObserver(scene.NodeAddedEvent, added)
    scene.AddObserver(scene.NodeAboutToBeRemovedEvent, about_to_be_removed)
    scene.AddObserver(scene.StartCloseEvent, closing)
    scene.AddObserver(scene.EndCloseEvent, closed)
    scene.AddObserver(scene.EndImportEvent, imported, _BEFORE_OTHERS)


def _hierarchy(scene: Any) -> Any:
    return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
