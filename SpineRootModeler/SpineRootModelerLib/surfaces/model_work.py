"""The surfaces of one subject: built, shown, built again, one root while it is edited, exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import read_image
from SpineRootLib.labels import LabelSettings
from SpineRootLib.progress import Progress, part
from SpineRootLib.surfaces import LiveRoots, Model, ModelSettings, build_model
from SpineRootLib.surfaces.modelled import beyond_last
from SpineRootLib.surfaces.roots import root_part
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.one_subject import SubjectKey
from SpineRootModelerLib.surfaces.model_table import ModelTable
from SpineRootModelerLib.surfaces.surface_nodes import SurfaceNodes
from SpineRootModelerLib.work.export import ExportChoice, Exporter


class ModelWork:
    """Builds the surfaces of an annotation and keeps them on the scene."""

    def __init__(self, scene: Any, folder: ModelerFolder, subject: SubjectKey):
        self.surfaces = SurfaceNodes(scene, subject)
        self._folder = folder
        self.table: ModelTable | None = None
        self.model: Model | None = None
        self.annotation: Annotation | None = None
        self.inputs: list[Path] = []
        self._settings = ModelSettings()
        self._live: LiveRoots | None = None
        # where the radii are measured, and whether a root was rebuilt alone since all were
        self._radii_image: Path | None = None
        self._edited = False

    def build(
        self,
        annotation: Annotation,
        inputs: list[Path],
        settings: ModelSettings | None = None,
        progress: Progress | None = None,
        ciss: Path | None = None,
    ) -> list[Any]:
        """Build the surfaces and show them in place; what was shown before stays if that fails.

        Parameters
        ----------
        inputs : the files that the annotation was read from.
        ciss : the image in which the roots' radii are measured; None to take them from the settings.

        Raises
        ------
        SpineRootError
            if nothing can be built, or the work was cancelled.
        """
        image = None if ciss is None else read_image(ciss)
        model = build_model(annotation, settings, progress, image)
        self._settings, self._live = settings or ModelSettings(), None
        self._radii_image, self._edited = ciss, False
        self.model, self.annotation, self.inputs = model, annotation, inputs
        nodes = self.surfaces.show(model)
        self.table = self.table or ModelTable(self._folder)
        self.table.show(model, annotation)
        return nodes

    def require_annotation(self) -> Annotation:
        """What the surfaces were built from.

        Raises
        ------
        SpineRootError
            if nothing was built.
        """
        if self.annotation is None:
            raise SpineRootError(_("build the surfaces first"))
        return self.annotation

    @property
    def label_settings(self) -> LabelSettings:
        """Label maps whose roots are as thick as those that were built."""
        return LabelSettings(self._settings.roots.radius_mm)

    def prepare_live(self) -> None:
        """Build now what every rebuilt root needs, so that the first edit does not wait for it."""
        if self._live is None and self.annotation is not None:
            self._live = LiveRoots(self.annotation, self._settings)

    def rebuild_root(self, annotation: Annotation, root: Root) -> None:
        """Show one root as it is annotated now, clear of cord and dura; `build` clears it of its neighbours.

        Raises
        ------
        SpineRootError
            if nothing was built yet, or the annotation makes no walls.
        """
        if self.model is None or self._live is None:
            raise SpineRootError(_("build the surfaces first"))
        radius = self.model.report.get("roots", {}).get(str(root), {}).get("radius_mm")
        built = self._live.build(annotation, root, radius)
        self._edited = True
        if built is None:
            self.model.parts.pop(root_part(root), None)
            self.surfaces.remove_part(root_part(root))
        else:
            surface = self.model.parts[root_part(root)] = built.surface
            beyond = beyond_last(built.nodes, built.nodes[built.beyond], surface.vertices)
            self.surfaces.show_part(root_part(root), surface, beyond > 0)

    def export(
        self, choice: ExportChoice, folder: Path, ciss: Path | None, progress: Progress | None = None
    ) -> list[Path]:
        """Write the surfaces into a folder; the files written are returned.

        Roots that were rebuilt alone are built with all others first, clear of each other.

        Parameters
        ----------
        ciss : the image whose voxels the label map has.

        Raises
        ------
        SpineRootError
            if nothing was built, or it cannot be written.
        """
        if self.model is None or self.annotation is None:
            raise SpineRootError(_("build the surfaces first"))
        choice.require_image(ciss, self.model.subject)
        if self._edited:
            self.build(self.annotation, self.inputs, self._settings, part(progress, 0.0, 0.5), self._radii_image)
            progress = part(progress, 0.5, 1.0)
        radius = self._settings.roots.radius_mm
        return Exporter(self.model, self.annotation, folder, self.inputs, ciss, radius).write(choice, progress)
