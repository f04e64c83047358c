"""What is written of a model: chosen parts in chosen formats, the label map, the report, the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset_description import write_description
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import read_frame
from SpineRootLib.labels import LabelSettings, label_map, write_labels
from SpineRootLib.progress import Progress, part, report
from SpineRootLib.subject_folders import holder_of
from SpineRootLib.surfaces import Model, write_model
from SpineRootLib.surfaces.rendering import write_rendering
from SpineRootLib.surfaces.report import write_report
from SpineRootLib.translation import _


@dataclass(frozen=True)
class ExportChoice:
    """What is written.

    Parameters
    ----------
    parts : names of surfaces; None for all.
    formats : of ``vtp``, ``vtk``, ``stl``, ``ply``, ``obj``.
    label_map : of the annotation on the voxels of CISS, with roots as thick as the model's.
    """

    parts: Sequence[str] | None = None
    formats: Sequence[str] = ("vtp",)
    report: bool = True
    label_map: bool = False
    picture: bool = False

    def require_image(self, ciss: Path | None, subject: str) -> None:
        """See that there is the image that the label map needs, if one is chosen.

        Raises
        ------
        SpineRootError
            if there is not.
        """
        if self.label_map and ciss is None:
            fault = _("the label map needs the CISS image of sub-{subject}, which is missing: export without it")
            raise SpineRootError(fault.format(subject=subject))


@dataclass(frozen=True, eq=False)
class Exporter:
    """Writes a model into a folder.

    Parameters
    ----------
    inputs : the files that the model was made from, for the report.
    ciss : the image whose voxels the label map has.
    """

    model: Model
    annotation: Annotation
    folder: Path
    inputs: Sequence[Path]
    ciss: Path | None = None
    root_radius_mm: float = 0.5

    def write(self, choice: ExportChoice, progress: Progress | None = None) -> list[Path]:
        """Write what is chosen; the files written are returned.

        Raises
        ------
        SpineRootError
            if nothing is chosen, a format is unknown, the label map has no image, or the folder cannot be written.
        """
        chosen = self._chosen(choice)
        choice.require_image(self.ciss, self.model.subject)
        report(progress, 0.0, "surfaces")
        files = write_model(chosen, self.folder, choice.formats, durable=False) if choice.formats else []
        report(progress, 0.5, "picture")
        if choice.picture:
            files.append(write_rendering(self.model, self.folder / f"sub-{self.model.subject}_model.png"))
        if choice.label_map and self.ciss is not None:
            files += self._write_labels(self.ciss, part(progress, 0.6, 0.9))
        if choice.report:
            partial = choice.parts is not None
            files.append(write_report(chosen, self.folder, files, self.inputs, partial))
        write_description(holder_of(self.folder), "Surfaces of dura, cord and nerve roots")
        report(progress, 1.0, "written")
        return files

    def _chosen(self, choice: ExportChoice) -> Model:
        if choice.parts is None:
            return self.model
        parts = {name: surface for name, surface in self.model.parts.items() if name in choice.parts}
        if not parts:
            raise SpineRootError(_("tick at least one surface"))
        return replace(self.model, parts=parts)

    def _write_labels(self, ciss: Path, progress: Progress | None) -> list[Path]:
        image = read_frame(ciss)
        settings = LabelSettings(self.root_radius_mm)
        labels = label_map(image, self.annotation, settings, progress)
        return write_labels(self.folder, image, labels, self.annotation, settings)
