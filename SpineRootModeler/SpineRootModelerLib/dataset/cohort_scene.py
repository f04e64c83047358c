"""The models of a whole dataset side by side, the highest planes of their duras at one level, each with its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.frames import flip_ras_lps
from SpineRootLib.naming import subject_path
from SpineRootLib.progress import Progress, report
from SpineRootLib.subject_folders import labels_in
from SpineRootLib.surfaces.rendering import part_color
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder, is_ours
from SpineRootModelerLib.scene.one_subject import is_surface
from SpineRootScene.camera import look_at
from SpineRootScene.hidden_nodes import HiddenNodes
from SpineRootScene.render_pause import rendering_paused

_COLORS = "Color"


@dataclass(frozen=True)
class CohortLook:
    """How models stand side by side.

    Parameters
    ----------
    apart_mm : from one to the next; the ganglia lie up to 30 mm aside.
    in_row : models in a row; further rows lie below.
    row_mm : from row to row; 80 slices of 2 mm and the ganglia below them.
    name_above_mm : a subject's name, above the highest plane of the dura; by eye.
    name_size : of the text, in per cent of the view's height; by eye.
    dura_opacity : what lies inside is seen through it; by eye.
    """

    apart_mm: float = 70.0
    in_row: int = 7
    row_mm: float = 230.0
    name_above_mm: float = 12.0
    name_size: float = 4.0
    dura_opacity: float = 0.25


class CohortScene:
    """Shows all models of a dataset, in one folder of the scene."""

    def __init__(self, scene: Any, look: CohortLook | None = None):
        self._look = look or CohortLook()
        self.folder = ModelerFolder(scene, "SpineRoot cohort")
        self.subjects: list[str] = []
        self._scene, self._shown = scene, list[Any]()
        # a subject's own surfaces and marks, which lie where its images do, maybe amid the row
        self._hidden = HiddenNodes(scene, in_3d_only=True)

    @rendering_paused()
    def show(self, dataset: Dataset, progress: Progress | None = None) -> None:
        """Show the models that were exported to ``derivatives/model``, in place of those shown before.

        Raises
        ------
        SpineRootError
            if there is none, or one cannot be read, or it was cancelled: nothing of the cohort is shown then.
        """
        models = dataset.derivatives / "model"
        folders = {label: subject_path(models, label) for label in labels_in(models)}
        folders = {label: folder for label, folder in folders.items() if any(_parts(label, folder))}
        if not folders:
            raise DatasetError(_("holds no exported model: build surfaces and export them first"), models)
        self.close()
        self._hidden.hide(lambda node: is_surface(node) or is_ours(node))
        try:
            self._show_all(folders, progress)
            report(progress, 1.0, "cohort")
        except SpineRootError:
            self.close()
            raise
        look_at(self._scene, self._shown)

    def _show_all(self, folders: dict[str, Path], progress: Progress | None) -> None:
        names = self.folder.node("cohort-names", "vtkMRMLMarkupsFiducialNode", _("Subjects"))
        names.RemoveAllControlPoints()
        for number, (label, folder) in enumerate(folders.items()):
            report(progress, number / len(folders), f"sub-{label}")
            row, column = divmod(number, self._look.in_row)
            place = np.array([column * self._look.apart_mm, 0.0, -row * self._look.row_mm])
            self._show_subject(label, folder, place)
            names.AddControlPoint(*(place + [0.0, 0.0, self._look.name_above_mm]), f"sub-{label}")
            self.subjects.append(label)
        _style_names(names, self._look.name_size)

    @property
    def is_shown(self) -> bool:
        """Whether the models are on the scene."""
        return any(self._scene.IsNodePresent(node) for node in self._shown)

    @rendering_paused()
    def close(self) -> None:
        """Take the models out of the scene; what was hidden for them comes back."""
        self.folder.remove()
        self._hidden.bring_back()
        self.subjects, self._shown = [], []

    def _show_subject(self, label: str, folder: Path, place: NDArray[np.float64]) -> None:
        parts = {part: _read(path) for part, path in _parts(label, folder)}
        dura = parts.get(DURA)
        shift = place - _anchor(dura if dura is not None else next(iter(parts.values())))
        inner = [_moved(data, shift, part) for part, data in parts.items() if part != DURA]
        for what, surfaces, opacity in (
            ("dura", [] if dura is None else [_moved(dura, shift, DURA)], self._look.dura_opacity),
            ("inside", inner, 1.0),
        ):
            if surfaces:
                name = f"sub-{label}"
                node = self.folder.node(f"cohort-{name}-{what}", "vtkMRMLModelNode", f"{name} {what}")
                node.SetAndObserveMesh(_together(surfaces))
                self._shown.append(node)
                display = node.GetDisplayNode()
                display.SetActiveScalarName(_COLORS)
                display.SetScalarRangeFlag(display.UseDirectMapping)
                display.SetScalarVisibility(True)
                display.SetOpacity(opacity)
                display.SetVisibility2D(False)


def _parts(label: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The surfaces in a subject's folder by part; the fluid is left out, whose walls are those of dura and cord."""
    for path in sorted(folder.glob(f"sub-{label}_*.vtp")):
        part = path.stem.removeprefix(f"sub-{label}_")
        if part != CSF and part.partition("_")[0] in (DURA, CORD, ROOTS):
            yield part, path


def _read(path: Path) -> vtk.vtkPolyData:
    """A surface in RAS mm."""
    reader = vtk.vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    loud = vtk.vtkObject.GetGlobalWarningDisplay()
    vtk.vtkObject.GlobalWarningDisplayOff()  # a fault is said in one sentence below
    reader.Update()
    vtk.vtkObject.SetGlobalWarningDisplay(loud)
    data = reader.GetOutput()
    if reader.GetErrorCode() or not data.GetNumberOfPoints():
        raise DatasetError(_("cannot be read as a surface"), path)
    points = vtk.vtkPoints()
    points.SetData(numpy_to_vtk(flip_ras_lps(vtk_to_numpy(data.GetPoints().GetData()).astype(np.float64)), deep=True))
    data.SetPoints(points)
    return data


def _anchor(reference: vtk.vtkPolyData) -> NDArray[np.float64]:
    """The middle of a surface at its highest plane, (3,) RAS mm."""
    low, high = np.reshape(reference.GetBounds(), (3, 2)).T
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2]])


def _moved(data: vtk.vtkPolyData, shift: NDArray[np.float64], part: str) -> vtk.vtkPolyData:
    """A surface at its place in the row, its points in the colour of the part."""
    points = vtk.vtkPoints()
    points.SetData(numpy_to_vtk(vtk_to_numpy(data.GetPoints().GetData()) + shift, deep=True))
    moved = vtk.vtkPolyData()
    moved.SetPoints(points)
    moved.SetPolys(data.GetPolys())
    rgb = np.round(255 * np.array(part_color(part))).astype(np.uint8)
    colors = numpy_to_vtk(np.tile(rgb, (data.GetNumberOfPoints(), 1)), deep=True)
    colors.SetName(_COLORS)
    moved.GetPointData().SetScalars(colors)
    return moved


def _together(surfaces: list[vtk.vtkPolyData]) -> vtk.vtkPolyData:
    """Several surfaces as one, smooth to look at."""
    append = vtk.vtkAppendPolyData()
    for surface in surfaces:
        append.AddInputData(surface)
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(append.GetOutputPort())
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()


def _style_names(names: Any, size: float) -> None:
    display = names.GetDisplayNode()
    display.SetGlyphScale(0.0)
    display.SetTextScale(size)
    display.SetPointLabelsVisibility(True)
    display.SetVisibility2D(False)
    display.SetOccludedVisibility(True)
    display.SetSelectedColor(1.0, 1.0, 1.0)
    names.SetLocked(True)
