"""What happens to the scene that a session must know of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import vtk

from SpineRootScene.scene_folder import ROLE


class SceneEvents:
    """Observes the scene until it is closed.

    Parameters
    ----------
    on_closing : the scene is about to be closed.
    on_imported : another scene was loaded.
    on_lost : one of our nodes was taken out of the scene.
    on_removed : called with any other node that was.
    """

    def __init__(
        self,
        scene: Any,
        on_closing: Callable[[], None],
        on_imported: Callable[[], None],
        on_lost: Callable[[], None],
        on_removed: Callable[[Any], None] | None = None,
    ):
        self._scene = scene

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def removed(_scene: Any, _event: str, node: Any) -> None:
            if node.GetAttribute(ROLE) is not None:
                on_lost()
            elif on_removed is not None:
                on_removed(node)

        self._tags = [
            scene.AddObserver(scene.StartCloseEvent, lambda *_: on_closing()),
            scene.AddObserver(scene.EndImportEvent, lambda *_: on_imported()),
            scene.AddObserver(scene.NodeRemovedEvent, removed),
        ]

    def close(self) -> None:
        """Stop observing."""
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._tags = []
