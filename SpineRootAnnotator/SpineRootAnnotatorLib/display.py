"""One subject on the scene: its folder, its line models, its slice view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from numpy.typing import ArrayLike, NDArray

from SpineRootAnnotatorLib.layouts import BESIDE
from SpineRootAnnotatorLib.names_in_views import ViewNames
from SpineRootAnnotatorLib.saying import Kind, Say
from SpineRootAnnotatorLib.settings import SessionSettings
from SpineRootAnnotatorLib.work.proposals import ProposalBook
from SpineRootLib.anatomy import DURA, Root
from SpineRootLib.errors import SpineRootError
from SpineRootLib.place import Place
from SpineRootLib.slice_index import SliceIndex
from SpineRootLib.translation import _
from SpineRootScene.camera import extent, look_at
from SpineRootScene.ciss_view import CissView
from SpineRootScene.crosshair import Crosshair
from SpineRootScene.line_model import LineModel
from SpineRootScene.palette import Palette
from SpineRootScene.scene_folder import SceneFolder
from SpineRootScene.slice_drawing import SliceDrawer, small
from SpineRootScene.space_drawing import draw_in_space
from SpineRootScene.volumes import moved_fault, volume_node

# The images on which ganglia are seen.
OVERVIEWS = ("DESS", "T2TSE")


class SubjectDisplay:
    """Shows an annotation.

    Parameters
    ----------
    index : what is annotated on which slice.
    volumes : the images by name.
    on_step : called with the slice number when the CISS view steps.
    """

    def __init__(
        self,
        scene: Any,
        index: SliceIndex,
        volumes: dict[str, Any],
        proposals: ProposalBook,
        settings: SessionSettings,
        on_step: Callable[[int], None],
    ):
        self.scene, self.index, self.annotation, self.volumes = scene, index, index.annotation, volumes
        self.look = settings.look
        self.crosshair = Crosshair(scene)
        self.folder = SceneFolder(scene, f"SpineRoot sub-{self.annotation.subject}")
        for volume in volumes.values():
            self.folder.adopt(volume)
        self.palette = Palette(self.annotation.segments)
        self.drawer = SliceDrawer(self.index, proposals, self.palette, self.look, small(self.look))
        self.names = ViewNames(self.folder, self.index, proposals, self.palette, self.look)
        self.in_space = LineModel(self.folder, self.palette, "in-space", "Annotated, 3D", on_slices=False)
        self.on_slice = LineModel(self.folder, self.palette, "on-slice", "Annotated, slice", on_slices=True)
        self._framing: Any = None
        self._unfitted = False
        self.view = self._attach(settings.ciss_view, on_step)

    def close(self) -> None:
        """Take all but the images out of the scene; a scene that is closing does so itself."""
        if self.view is not None:
            self.view.close()
        self.names.close()
        if not self.scene.IsClosing():
            self.folder.remove()

    def restore(self) -> None:
        """Make nodes again that the user deleted."""
        for model in (self.in_space, self.on_slice, self.names):
            model.restore()

    def restore_images(self, paths: Mapping[str, Path], say: Say) -> list[str]:
        """Load images again that the user took out of the scene; the names of those that were loaded.

        Parameters
        ----------
        say : shows the sentence why one cannot be loaded.
        """
        loaded = []
        for name, volume in list(self.volumes.items()):
            if self.scene.IsNodePresent(volume):
                continue
            try:
                self.volumes[name] = volume_node(paths[name], self.scene)
            except SpineRootError as error:
                say(str(error), Kind.FAULT)
            else:
                self.folder.adopt(self.volumes[name])
                loaded.append(name)
        return loaded

    def hide(self, hidden: bool) -> None:
        """Hide what is drawn of the annotation, or show it again."""
        for model in (self.in_space, self.on_slice, self.names):
            model.visible = not hidden

    def draw_slice(self, number: int, edited: Place | None, active: Root | None, named: bool) -> None:
        """Draw what lies on a slice.

        Parameters
        ----------
        active : the root that is worked on, with those of the neighbouring slices beside it; None for none.
        named : whether the roots' names are written, too.
        """
        if self.annotation.planes is not None:
            self.on_slice.show(self.drawer.draw(number, edited, active is not None, active))
        if self.view is not None:
            self.names.show_roots(self.view.node, number, named)

    def draw_overviews(self, active: Root) -> None:
        """Draw the ganglia in the views in which they are looked for.

        Parameters
        ----------
        active : the root whose ganglion is in its own node.
        """
        nodes = [self.scene.GetSingletonNode(name, "vtkMRMLSliceNode") for name in ("Green", BESIDE, "Yellow")]
        self.names.show_ganglia([node for node in nodes if node is not None], active)

    def clear_overviews(self) -> None:
        """Ganglia are not looked for any more."""
        self.names.show_ganglia([], None)

    def draw_space(self) -> None:
        """Draw all that is annotated, in 3D."""
        self.in_space.show(draw_in_space(self.index, self.palette, self.look))

    def look_in_space(self) -> None:
        """Bring 3D views to what is annotated; while that is little, to the image in which it will lie."""
        begun = extent(self.in_space.node) > self.look.spine_mm
        images = [self.volumes[name] for name in ("DESS", "CISS", "T2TSE") if name in self.volumes]
        look_at(self.scene, [self.in_space.node] if begun else images[:1])

    def look_at_point(self, point: ArrayLike) -> None:
        """Bring all slice views but that of CISS to a RAS point, (3,)."""
        x, y, z = np.asarray(point, dtype=np.float64).reshape(-1)[:3]
        ciss_node = None if self.view is None else self.view.node
        centred = slicer.vtkMRMLSliceNode.CenteredJumpSlice
        slicer.vtkMRMLSliceNode.JumpAllSlices(self.scene, x, y, z, centred, -1, ciss_node)
        self.crosshair.point_at(x, y, z)

    @property
    def view_fault(self) -> str:
        """What is wrong with the CISS view, a sentence; empty if nothing. `show_ciss` mends it."""
        if self.view is None:
            return ""
        if fault := self.image_fault:
            return fault
        return (
            ""
            if self.view.is_aligned
            else _("The view is turned: it does not show one slice of CISS. 'Put back' turns it back.")
        )

    @property
    def image_fault(self) -> str:
        """Why what is clicked in the CISS view would not be marked on CISS, a sentence; empty if it would."""
        if self.view is None:
            return ""
        if moved := self.moved_fault("CISS"):
            return moved
        if not self.view.shows(self.volumes.get("CISS")):
            return _("The view shows another image than CISS. 'Put back' shows CISS again.")
        return self.foreign_fault(self.view.name)

    def foreign_fault(self, view: str | None) -> str:
        """Which image of somebody else a slice view, by its layout name, shows, a sentence; empty for none."""
        logic = None if view is None else slicer.app.applicationLogic().GetSliceLogicByLayoutName(view)
        composite = None if logic is None else logic.GetSliceCompositeNode()
        if composite is None:
            return ""
        shown = [composite.GetBackgroundVolumeID()]
        if composite.GetForegroundOpacity() > 0.0:
            shown.append(composite.GetForegroundVolumeID())
        for volume in (self.scene.GetNodeByID(each) for each in shown if each):
            if volume is not None and volume not in self.volumes.values():
                text = _("The view shows {image}, which is no image of sub-{subject}. 'Put back' shows those again.")
                return text.format(image=volume.GetName(), subject=self.annotation.subject)
        return ""

    @property
    def overview_fault(self) -> str:
        """Which image of somebody else a view of DESS or T2-TSE shows, a sentence; empty for none."""
        views = (logic.GetSliceNode().GetLayoutName() for logic, _volume in self._overviews())
        return next(filter(None, map(self.foreign_fault, views)), "")

    def moved_fault(self, *names: str) -> str:
        """Which of these images is shown elsewhere than its file says, a sentence; empty if none is."""
        return moved_fault(self.volumes, *names)

    def show_ciss(self) -> None:
        """Put CISS into its view, parallel to its slices."""
        if self.view is not None:
            self.view.show_volume(self.volumes.get("CISS"))
            self.view.align()

    def centre(self) -> None:
        """Put the thecal sac into the middle of the CISS view."""
        if self.view is not None:
            self.view.centre_on(self._middle(self.view.number))
            known = bool(self.index.contours.get(DURA))
            self.view.zoom_to(self.look.dots_width_mm if known else self.look.sac_width_mm)

    def come_close(self) -> None:
        """Roots are marked now: show the sac from so near that its dots are seen, unless it is already."""
        if self.view is not None and self.index.contours.get(DURA) and self.view.width >= self.look.sac_width_mm - 1.0:
            self.centre()
            self.keep_framing()

    def frame(self, framing: Any = None) -> None:
        """Show of the slice what a framing says, by default the one that was kept; without one the thecal sac."""
        self._framing = framing or self._framing
        if self.view is not None and not self.view.frame(self._framing):
            self.centre()

    def keep_framing(self) -> None:
        """Keep what is seen of the slice: other views come in between."""
        self._framing = None if self.view is None else self.view.framing

    def sac_shift(self, number: int, to: int) -> NDArray[np.float64]:
        """How far the thecal sac's middle moves between two slices, (2,) in-plane mm; 0 where it is not drawn."""
        contours = self.index.contours.get(DURA, {})
        if number not in contours or to not in contours:
            return np.zeros(2)
        flat = [self.annotation.require_planes().flatten(contours[each]) for each in (number, to)]
        before, after = ((points.min(axis=0) + points.max(axis=0)) / 2 for points in flat)
        return np.asarray(after - before)

    def show_overviews(self) -> None:
        """Put DESS and T2TSE into the views beside that of CISS, whole, unless they are there already."""
        for logic, volume in self._overviews():
            composite = logic.GetSliceCompositeNode()
            if composite.GetBackgroundVolumeID() != volume.GetID():
                composite.SetBackgroundVolumeID(volume.GetID())
                self._unfitted = True

    def fit_overviews(self) -> None:
        """Show the images whole, once they are new in their views; T2-TSE at the scale of DESS beside it."""
        if not self._unfitted:
            return
        for logic, _volume in self._overviews():
            logic.FitSliceToBackground()
        beside, node = (self.scene.GetSingletonNode(name, "vtkMRMLSliceNode") for name in (BESIDE, "Yellow"))
        if beside is not None and node is not None and beside.IsMappedInLayout():
            mm = beside.GetFieldOfView()[0] / max(beside.GetDimensions()[0], 1)
            wide, high = (mm * max(pixels, 1) for pixels in node.GetDimensions()[:2])
            node.SetFieldOfView(wide, high, node.GetFieldOfView()[2])
        self.look_at_point(self._overview_middle())
        self._unfitted = False

    def _overview_middle(self) -> NDArray[np.float64]:
        """The middle of the first image on which ganglia are looked for: all views begin at its height."""
        bounds = np.zeros(6)
        self._overviews()[0][1].GetRASBounds(bounds)
        return np.asarray(bounds.reshape(3, 2).mean(axis=1))

    def _overviews(self) -> list[tuple[Any, Any]]:
        """The logics of the views for ganglia with the images that belong into them."""
        names = [name for name in OVERVIEWS if name in self.volumes] or ["CISS"]
        wanted = [("Green", names[0]), (BESIDE, names[0]), ("Yellow", names[-1])]
        logics = slicer.app.applicationLogic()
        shown = [(logics.GetSliceLogicByLayoutName(view), self.volumes.get(name)) for view, name in wanted]
        return [(logic, volume) for logic, volume in shown if logic is not None and volume is not None]

    def _attach(self, name: str, on_step: Callable[[int], None]) -> CissView | None:
        if self.annotation.planes is None or self.scene.GetSingletonNode(name, "vtkMRMLSliceNode") is None:
            return None
        view = CissView(self.scene, name, self.annotation.planes, on_step)
        self.on_slice.limit_to(view.node.GetID())
        return view

    def _middle(self, number: int) -> Any:
        contours = self.index.contours.get(DURA, {})
        if contours:
            nearest = min(contours, key=lambda known: abs(known - number))
            return contours[nearest].mean(axis=0)
        planes, volume = self.annotation.require_planes(), self.volumes.get("CISS")
        if volume is None:
            return planes.lift([[0.0, 0.0]], number)[0]
        bounds = np.zeros(6)
        volume.GetRASBounds(bounds)
        return bounds.reshape(3, 2).mean(axis=1)
