"""The modeler's nodes on the scene: in a folder of their own, under roles of their own."""

from __future__ import annotations

from typing import Any

from SpineRootScene.scene_folder import ROLE, SceneFolder

# how roles of the modeler's nodes begin
OURS = "modeler-"


def is_ours(node: Any) -> bool:
    """Whether a node of the scene is one of the modeler's."""
    return (node.GetAttribute(ROLE) or "").startswith(OURS)


def is_annotators(node: Any) -> bool:
    """Whether a node of the scene is one of the Annotator's."""
    return node.GetAttribute(ROLE) is not None and not is_ours(node)


class ModelerFolder(SceneFolder):
    """A folder whose roles cannot be taken for the Annotator's, which may be open on the same scene."""

    def node(self, role: str, class_name: str, name: str) -> Any:
        """The node of a role; made when there is none, under a name that says what it is."""
        node = super().node(OURS + role, class_name, name)
        node.SetName(name)
        return node
