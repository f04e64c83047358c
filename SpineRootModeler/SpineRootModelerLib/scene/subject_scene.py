"""A subject on the scene: its images, the view of its slices, the ways to its places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.anatomy import GANGLIA
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_planes
from SpineRootLib.place import Place
from SpineRootLib.planes import SlicePlanes
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.navigation import Navigation
from SpineRootScene.ciss_view import CissView
from SpineRootScene.volumes import moved_fault, volume_node

_CISS_VIEW = "Red"


@dataclass(frozen=True, eq=False)
class SubjectImages:
    """A subject's images.

    Parameters
    ----------
    volumes : their nodes by name, such as ``CISS``.
    ciss : the file that is annotated, None if there is none.
    planes : its slices.
    """

    volumes: Mapping[str, Any]
    ciss: Path | None
    planes: SlicePlanes | None


def load_images(scene: Any, dataset: Dataset, subject: str) -> SubjectImages:
    """Load a subject's images, unless they are loaded; no view shows them yet.

    Raises
    ------
    SpineRootError
        if one cannot be loaded.
    """
    images = dataset.images(subject)
    ciss = images.get("CISS")
    planes = None if ciss is None else read_planes(ciss)
    return SubjectImages({name: volume_node(path, scene) for name, path in images.items()}, ciss, planes)


class SubjectScene:
    """Shows a subject's CISS image parallel to its slices, and leads to its places.

    Parameters
    ----------
    on_step : called with the slice number whenever the view of CISS steps.
    """

    def __init__(self, scene: Any, images: SubjectImages, subject: str, on_step: Callable[[int], None]):
        self.scene, self._on_step = scene, on_step
        self.folder = ModelerFolder(scene, f"SpineRoot discussion sub-{subject}")
        self.ciss, self.volumes = images.ciss, images.volumes
        self.view: CissView | None = None
        self.navigation = Navigation(scene, None, self.volumes)
        self.use_planes(images.planes)

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

    def click_fault(self, place: Place) -> str:
        """Why what is placed now would be kept elsewhere than it is seen, a sentence; empty if it would not."""
        if moved := moved_fault(self.volumes, *self._images_of(place)):
            return moved
        own = self.volumes.values()
        if self.view is not None and own and not any(self.view.shows(volume) for volume in own):
            return _("The view shows no image of this subject: click on the row again, which puts its image back.")
        return ""

    def _images_of(self, place: Place) -> list[str]:
        """The images on which a place can lie: a ganglion on any, all else on CISS and on what the view of it shows."""
        if place.structure == GANGLIA or self.view is None:
            return list(self.volumes)
        return [name for name, volume in self.volumes.items() if name == "CISS" or self.view.shows(volume)]

    def close(self) -> None:
        """Stop listening and take our nodes out of the scene; the images stay."""
        if self.view is not None:
            self.view.close()
        self.folder.remove()
