"""The annotator's session: one subject, open on the MRML scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SpineRootAnnotatorLib.appearance import Appearance
from SpineRootAnnotatorLib.ciss_view import CissView
from SpineRootAnnotatorLib.light_models import LightModel
from SpineRootAnnotatorLib.overview import SliceIndex, draw_in_space, draw_on_slice
from SpineRootAnnotatorLib.palette import Palette
from SpineRootAnnotatorLib.scene_folder import SceneFolder
from SpineRootAnnotatorLib.subject_work import SubjectWork
from SpineRootAnnotatorLib.volumes import volume_node
from SpineRootLib.dataset import Dataset

CISS_VIEW = "Red"


class AnnotationSession:
    """Shows one annotator's work on one subject and lets it be edited.

    Parameters
    ----------
    scene : the MRML scene.
    """

    def __init__(self, scene: Any, look: Appearance | None = None):
        self.scene = scene
        self.look = look or Appearance()
        self.work: SubjectWork | None = None
        self.volumes: dict[str, Any] = {}
        self.view: CissView | None = None

    @property
    def is_open(self) -> bool:
        """Whether a subject is open."""
        return self.work is not None

    def open(self, dataset: Path, subject: str, annotator: str, images: bool = True) -> None:
        """Open what an annotator marked in a subject, and its images.

        Raises
        ------
        SpineRootError
            if the dataset, the subject's files or its images cannot be read; the session is closed then.
        """
        self._open(SubjectWork.open(Dataset.open(dataset), subject, annotator), images)

    def look_at(self, dataset: Path, subject: str, annotator: str | None, images: bool = True) -> None:
        """Show an annotation, the consensus for None, that is not to be edited.

        Raises
        ------
        SpineRootError
            as `open` does, and if there is nothing to show.
        """
        opened = Dataset.open(dataset)
        annotation = opened.read(subject, annotator)
        self._open(SubjectWork(opened, annotation, opened.markers(annotator), opened.images(subject)), images)

    def close(self) -> None:
        """Put the session's nodes away; the images stay."""
        if self.work is None:
            return
        if self.view is not None:
            self.view.close()
        self.folder.remove()
        self.work, self.view, self.volumes = None, None, {}

    def go_to(self, number: int) -> None:
        """Show a slice of CISS."""
        if self.view is not None:
            self.view.go_to(number)

    def _open(self, work: SubjectWork, images: bool) -> None:
        self.close()
        self.volumes = {name: volume_node(path, self.scene) for name, path in work.images.items()} if images else {}
        self.work = work
        self._show()

    def _show(self) -> None:
        assert self.work is not None
        annotation = self.work.annotation
        self.folder = SceneFolder(self.scene, f"SpineRoot sub-{annotation.subject}")
        for volume in self.volumes.values():
            self.folder.adopt(volume)
        self.palette = Palette(annotation.segments)
        self.index = SliceIndex(annotation)
        self.in_space = LightModel(self.folder, self.palette, "in-space", "Annotated, 3D", on_slices=False)
        self.on_slice = LightModel(self.folder, self.palette, "on-slice", "Annotated, slice", on_slices=True)
        self.in_space.show(draw_in_space(annotation, self.palette, self.look))
        if annotation.planes is not None:
            self._attach_view()

    def _attach_view(self) -> None:
        assert self.work is not None and self.work.annotation.planes is not None
        view = CissView(self.scene, CISS_VIEW, self.work.annotation.planes, self._stepped)
        if view.node is None:
            return
        self.view = view
        self.on_slice.limit_to(view.node.GetID())
        view.show_volume(self.volumes.get("CISS"))
        view.align()
        view.centre_on(self._middle())
        view.zoom_to(self.look.sac_width_mm)
        self._stepped(view.number)

    def _middle(self) -> Any:
        assert self.work is not None and self.work.annotation.planes is not None
        planes = self.work.annotation.planes
        curves = [contour.points for contour in self.work.annotation.dura]
        if curves:
            return curves[len(curves) // 2].mean(axis=0)
        volume = self.volumes.get("CISS")
        bounds = [0.0] * 6
        if volume is None:
            return planes.lift([[0.0, 0.0]], planes.count // 2)[0]
        volume.GetRASBounds(bounds)
        return [(bounds[axis] + bounds[axis + 1]) / 2 for axis in (0, 2, 4)]

    def _stepped(self, number: int) -> None:
        self.on_slice.show(draw_on_slice(self.index, self.palette, self.look, number))
