"""The nodes of a session: found again by the role they play, all in one folder of the subject hierarchy."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

ROLE = "SpineRoot.Role"


class SceneFolder:
    """Makes and finds the nodes of a session.

    A node is ours by its role, an attribute, whatever the user names it.

    Parameters
    ----------
    scene : the MRML scene.
    title : name of the folder in the Data module.
    """

    def __init__(self, scene: Any, title: str):
        self.scene = scene
        self.title = title
        self._nodes: dict[str, Any] = {}

    def node(self, role: str, class_name: str, name: str) -> Any:
        """The node of a role; made when there is none. It is not saved with the scene: the files hold what it shows."""
        node = self.find(role)
        if node is None:
            node = self.scene.AddNewNodeByClass(class_name, name)
            node.SetAttribute(ROLE, role)
            node.SaveWithSceneOff()
            node.UndoEnabledOff()
        # missing also where the user deleted it, and where a view that is being arranged asks for a node just made
        if node.IsA("vtkMRMLDisplayableNode") and node.GetDisplayNode() is None:
            node.CreateDefaultDisplayNodes()
            node.GetDisplayNode().SetAttribute(ROLE, f"{role}-display")
        self.adopt(node)
        self._nodes[role] = node
        return node

    def find(self, role: str) -> Any | None:
        """The node of a role, or None."""
        known = self._nodes.get(role)
        if known is not None and self.scene.IsNodePresent(known):
            return known
        nodes = self.scene.GetNodesByClass("vtkMRMLNode")
        for index in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(index)
            if node.GetAttribute(ROLE) == role:
                return node
        return None

    def adopt(self, node: Any) -> None:
        """Put a node into the folder."""
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        item = hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
        hierarchy.SetItemParent(item, self._folder(hierarchy))

    def remove(self) -> None:
        """Take our nodes and the folder out of the scene; what the user put into the folder stays."""
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)
        for node in list(self._nodes.values()):
            if self.scene.IsNodePresent(node):
                self.scene.RemoveNode(node)
        self._nodes.clear()
        folder = self._find_folder(hierarchy)
        if folder and not hierarchy.GetNumberOfItemChildren(folder):
            hierarchy.RemoveItem(folder)

    def _folder(self, hierarchy: Any) -> int:
        folder = self._find_folder(hierarchy)
        if not folder:
            folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), self.title)
            hierarchy.SetItemAttribute(folder, ROLE, self.title)
        return folder

    def _find_folder(self, hierarchy: Any) -> int:
        """Ours by an attribute, whatever the user names it and wherever it is put; 0 for none."""
        items = vtk.vtkIdList()
        hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), items, True)
        every = (items.GetId(index) for index in range(items.GetNumberOfIds()))
        return next((item for item in every if hierarchy.GetItemAttribute(item, ROLE) == self.title), 0)
