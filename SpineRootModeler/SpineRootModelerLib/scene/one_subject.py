"""One subject in the picture: what belongs to others is hidden, and leaves the slice views."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.naming import subject_path
from SpineRootScene.hidden_nodes import HiddenNodes

# attributes of surfaces: whose they are
SURFACE_OF, DATASET = "SpineRoot.SurfaceOf", "SpineRoot.Dataset"


@dataclass(frozen=True)
class SubjectKey:
    """A subject of a dataset; another dataset's subject of the same label is somebody else."""

    dataset: Path
    label: str

    def claim(self, surface: Any) -> None:
        """Write onto a surface's node that it is this subject's."""
        surface.SetAttribute(SURFACE_OF, self.label)
        surface.SetAttribute(DATASET, str(self.dataset))

    def owns(self, surface: Any) -> bool:
        """Whether a node is a surface of this subject; those of version 0.1 do not say of which dataset."""
        dataset = surface.GetAttribute(DATASET)
        return surface.GetAttribute(SURFACE_OF) == self.label and dataset in (None, str(self.dataset))

    def has_file(self, path: Path) -> bool:
        """Whether a file lies in a folder of this subject's."""
        own = subject_path(Path(), self.label).parts
        parts = path.parts
        starts = range(len(parts) - len(own) + 1)
        return path.is_relative_to(self.dataset) and any(parts[start : start + len(own)] == own for start in starts)


def is_surface(node: Any) -> bool:
    """Whether a node is a surface of some subject."""
    return node.GetAttribute(SURFACE_OF) is not None


class OneSubject:
    """Sees that the views show one subject alone."""

    def __init__(self, scene: Any):
        self._scene = scene
        self._others = HiddenNodes(scene)

    def show_alone(self, subject: SubjectKey, images: Collection[Any], instead: Any | None, first: bool) -> None:
        """Hide others' surfaces, show again what was hidden of this subject, and take others' images out of the views.

        Parameters
        ----------
        images : volume nodes of the subject.
        instead : the volume that slice views show in place of another subject's; None for nothing.
        first : the subject is opened now: volumes of which it is not known whose they are leave the views, too.
        """
        self._others.bring_back()
        self._others.hide(lambda node: is_surface(node) and not subject.owns(node))
        kept = {volume.GetID() for volume in images}
        for composite in _composites(self._scene):
            self._clear(composite, subject, kept, None if instead is None else instead.GetID(), first)

    def bring_back(self) -> None:
        """Show again what was hidden."""
        self._others.bring_back()

    def _clear(
        self, composite: Any, subject: SubjectKey, kept: Collection[str], instead: str | None, first: bool
    ) -> None:
        def leaves(volume_id: str | None) -> bool:
            if not volume_id or volume_id in kept:
                return False
            owner_known = _file_of_a_subject(self._scene.GetNodeByID(volume_id))
            return first if owner_known is None else not subject.has_file(owner_known)

        if leaves(composite.GetForegroundVolumeID()):
            composite.SetForegroundVolumeID(None)
        if leaves(composite.GetLabelVolumeID()):
            composite.SetLabelVolumeID(None)
        if leaves(composite.GetBackgroundVolumeID()):
            composite.SetBackgroundVolumeID(instead)


def _file_of_a_subject(volume: Any | None) -> Path | None:
    """The file of a volume, if its path names a subject."""
    storage = None if volume is None else volume.GetStorageNode()
    name = None if storage is None else storage.GetFileName()
    return Path(name) if name and any(part.startswith("sub-") for part in Path(name).parts) else None


def _composites(scene: Any) -> Iterator[Any]:
    nodes = scene.GetNodesByClass("vtkMRMLSliceCompositeNode")
    yield from (nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems()))
