"""A subject on the scene: its images, the view of its slices, the ways to its places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_planes
from SpineRootLib.planes import SlicePlanes
from SpineRootModelerLib.folder import ModelerFolder
from SpineRootModelerLib.navigation import Navigation
from SpineRootScene.ciss_view import CissView
from SpineRootScene.volumes import volume_node

_CISS_VIEW = "Red"


class SubjectScene:
    """Loads a subject's images and shows CISS parallel to its slices.

    Parameters
    ----------
    on_step : called with the slice number whenever the view of CISS steps.

    Raises
    ------
    SpineRootError
        if an image cannot be loaded.
    """

    def __init__(self, scene: Any, dataset: Dataset, subject: str, on_step: Callable[[int], None]):
        self.scene, self._on_step = scene, on_step
        self.folder = ModelerFolder(scene, f"SpineRoot discussion sub-{subject}")
        images = dataset.images(subject)
        self.ciss = images.get("CISS")
        self.volumes = {name: volume_node(path, scene) for name, path in images.items()}
        self.view: CissView | None = None
        self.navigation = Navigation(scene, None, self.volumes)
        if self.ciss is not None:
            self.use_planes(read_planes(self.ciss))

    @property
    def view_id(self) -> str | None:
        """The node of the view that shows the slices."""
        return None if self.view is None else self.view.node.GetID()

    def use_planes(self, planes: SlicePlanes | None) -> None:
        """Step through these slices, unless slices are known already."""
        node = self.scene.GetSingletonNode(_CISS_VIEW, "vtkMRMLSliceNode")
        if self.view is not None or planes is None or node is None:
            return
        self.view = CissView(self.scene, _CISS_VIEW, planes, self._on_step)
        self.view.show_volume(self.volumes.get("CISS"))
        self.view.align()
        self.navigation = Navigation(self.scene, self.view, self.volumes)

    def close(self) -> None:
        """Stop listening and take our nodes out of the scene; the images stay."""
        if self.view is not None:
            self.view.close()
        self.folder.remove()
