"""A markups node that a session fills and listens to: what both kinds of it share."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import slicer

from SpineRootLib.frames import Points
from SpineRootScene.scene_folder import SceneFolder


class MarkupsNode(ABC):
    """One markups node of the session, made again when the user deletes it."""

    role: ClassVar[str]
    class_name: ClassVar[str]
    name: ClassVar[str]

    def __init__(self, folder: SceneFolder):
        self._folder = folder
        self._quiet = 0
        self._tags: list[int] = []
        self._views: tuple[str, ...] = ()
        self.armed = False
        self.restore()

    def restore(self) -> None:
        """Make the node, or take up the one that is still there, and show what was shown."""
        self._stop_listening()
        self.node = self._folder.node(self.role, self.class_name, self.name)
        self._style(self.display)
        events = {
            self.node.PointPositionDefinedEvent: self._on_defined,
            self.node.PointEndInteractionEvent: self._on_end_interaction,
            self.node.PointRemovedEvent: self._on_points_removed,
        }
        self._tags = [self.node.AddObserver(event, self._unless_quiet(react)) for event, react in events.items()]
        self.limit_to(*self._views)
        self._fill()
        if self.armed:
            self.arm()

    def close(self) -> None:
        """Stop listening and placing."""
        self._stop_listening()
        self.disarm()

    def _stop_listening(self) -> None:
        for tag in self._tags:
            self.node.RemoveObserver(tag)
        self._tags = []

    @property
    def display(self) -> Any:
        """Its display node."""
        return self.node.GetDisplayNode()

    def limit_to(self, *view_ids: str) -> None:
        """Show it, and let clicks place, in these views only; in all for none."""
        self._views = view_ids
        self.display.RemoveAllViewNodeIDs()
        for view_id in view_ids:
            self.display.AddViewNodeID(view_id)

    def arm(self) -> None:
        """From now on every click places a point."""
        self.armed = True
        slicer.modules.markups.logic().SetActiveList(self.node)
        interaction = _interaction()
        interaction.SetPlaceModePersistence(1)
        interaction.SetCurrentInteractionMode(interaction.Place)

    def keep_armed(self) -> None:
        """Clicks go on placing points of this node where it is armed, whichever node Slicer chose for them since."""
        if self.armed:
            self.arm()

    def disarm(self) -> None:
        """Clicks do what they do in Slicer."""
        if self.armed:
            self.armed = False
            interaction = _interaction()
            interaction.SetPlaceModePersistence(0)
            interaction.SetCurrentInteractionMode(interaction.ViewTransform)

    def defined_points(self) -> Points:
        """The points that are placed, (n, 3) RAS, without the one that follows the pointer."""
        node = self.node
        rows = [
            node.GetNthControlPointPosition(index)
            for index in range(node.GetNumberOfControlPoints())
            if node.GetNthControlPointPositionStatus(index) == node.PositionDefined
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    @contextlib.contextmanager
    def refilling(self) -> Iterator[None]:
        """Within, the node's points are replaced by the session."""
        interaction = _interaction()
        # A view would go on to look for the point that follows the pointer under its old index.
        followed = self.armed and self._has_preview()
        with self.quietly():
            if followed:
                interaction.SetCurrentInteractionMode(interaction.ViewTransform)
            with slicer.util.NodeModify(self.node):
                yield
            if followed:
                interaction.SetCurrentInteractionMode(interaction.Place)

    def _has_preview(self) -> bool:
        node = self.node
        count = node.GetNumberOfControlPoints()
        return any(node.GetNthControlPointPositionStatus(index) == node.PositionPreview for index in range(count))

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """What happens to the node within is the session's doing, not the annotator's."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def _unless_quiet(self, react: Any) -> Any:
        def observed(*_: Any) -> None:
            if not self._quiet:
                react()

        return observed

    @abstractmethod
    def _style(self, display: Any) -> None:
        """How it looks."""

    @abstractmethod
    def _fill(self) -> None:
        """Put into the node what is shown."""

    @abstractmethod
    def _on_defined(self) -> None:
        """A point was placed."""

    @abstractmethod
    def _on_end_interaction(self) -> None:
        """Something was dragged."""

    @abstractmethod
    def _on_points_removed(self) -> None:
        """Points were deleted."""


def _interaction() -> Any:
    return slicer.app.applicationLogic().GetInteractionNode()
