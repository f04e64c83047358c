"""A picture of a model: from the front and from the left, dura translucent, roots in the colours of their segments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS, Root, color
from SpineRootLib.atomic import replacing
from SpineRootLib.errors import MissingExtraError, SpineRootError
from SpineRootLib.surfaces.files import poly_data
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model

_WINDOWS = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow")
_PROBE = "import sys, vtkmodules.vtkRenderingOpenGL2 as m; sys.exit(not m.{0}().SupportsOpenGL())"
# direction that the viewer looks in (LPS) and the title
_VIEWS = ((np.array([0.0, 1.0, 0.0]), "from the front"), (np.array([-1.0, 0.0, 0.0]), "from the left"))
_HEIGHT = 1500
_FINER = 2
_MARGIN_MM = 6.0
_OPACITY = {DURA: 0.20}


class NoOffscreenError(SpineRootError):
    """The machine cannot draw without a screen."""

    def __init__(self) -> None:
        super().__init__("no picture was drawn: this machine has no off-screen OpenGL (install Mesa's EGL or OSMesa)")


def write_picture(model: Model, path: Path) -> Path:
    """Draw a model into a PNG file.

    Raises
    ------
    NoOffscreenError
        if the machine has no off-screen OpenGL.
    MissingExtraError
        if matplotlib, which writes the legend, is not installed.
    """
    window = _window_class()
    low, high = _bounds(model)
    views = [_draw(window, model, direction, low, high) for direction, _ in _VIEWS]
    with replacing(path) as temporary:
        _compose(model, views, high[2] - low[2], temporary)
    return path


def _window_class() -> Any:
    """The kind of off-screen window that works here; tried in a process of its own, as failing may end it."""
    for name in _WINDOWS:
        probe = [sys.executable, "-c", _PROBE.format(name)]
        if subprocess.run(probe, capture_output=True, check=False, env=os.environ).returncode == 0:
            import vtkmodules.vtkRenderingOpenGL2 as opengl

            return getattr(opengl, name)
    raise NoOffscreenError


def _bounds(model: Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    vertices = np.concatenate([surface.vertices for surface in model.parts.values()])
    return vertices.min(axis=0) - _MARGIN_MM, vertices.max(axis=0) + _MARGIN_MM


def part_color(name: str) -> tuple[float, float, float]:
    """The colour of a part by its name, such as ``cord`` or ``nerveroots_L1_L``."""
    if name.startswith(ROOTS):
        return color(ROOTS, Root.parse(name.removeprefix(f"{ROOTS}_")))
    return color(name)


def _draw(
    window_class: Any, model: Model, direction: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """The pixels, (rows, columns, 3), of the model seen along a direction (LPS), rows from the top."""
    from vtkmodules.vtkRenderingCore import vtkRenderer

    size = high - low
    across = size[0] if abs(direction[1]) > 0.5 else size[1]
    renderer = vtkRenderer()
    renderer.SetBackground(1.0, 1.0, 1.0)
    renderer.SetUseDepthPeeling(True)
    for name, surface in model.parts.items():
        if name != CSF:
            renderer.AddActor(_actor(surface, part_color(name), _OPACITY.get(name, 1.0)))
    _look(renderer, direction, (low + high) / 2 * [-1.0, -1.0, 1.0], float(size[2]), float(np.linalg.norm(size)))
    window = window_class()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(0)
    window.SetAlphaBitPlanes(True)
    window.SetSize(int(_HEIGHT * _FINER * across / size[2]), _HEIGHT * _FINER)
    window.AddRenderer(renderer)
    window.Render()
    pixels = _pixels(window)
    window.Finalize()
    return _coarser(pixels)


def _pixels(window: Any) -> NDArray[np.uint8]:
    """What a window shows, rows from the top."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

    grabber = vtkWindowToImageFilter()
    grabber.SetInput(window)
    grabber.ReadFrontBufferOff()
    grabber.Update()
    image = grabber.GetOutput()
    columns, rows, _ = image.GetDimensions()
    return np.array(vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, -1)[::-1, :, :3])


def _coarser(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = (length // _FINER for length in pixels.shape[:2])
    blocks = pixels[: rows * _FINER, : columns * _FINER].reshape(rows, _FINER, columns, _FINER, 3)
    return blocks.mean(axis=(1, 3)).round().astype(np.uint8)


def _actor(surface: Surface, rgb: tuple[float, float, float], opacity: float) -> Any:
    from vtkmodules.vtkFiltersCore import vtkPolyDataNormals
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    normals = vtkPolyDataNormals()
    normals.SetInputData(poly_data(surface))
    normals.SetFeatureAngle(60)
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(normals.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(*rgb)
    look.SetOpacity(opacity)
    look.SetAmbient(0.25)
    look.SetDiffuse(0.75)
    look.SetSpecular(0.15)
    return actor


def _look(
    renderer: Any, direction: NDArray[np.float64], centre: NDArray[np.float64], height: float, far: float
) -> None:
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    camera.SetParallelScale(height / 2)
    camera.SetFocalPoint(*centre)
    camera.SetPosition(*(centre - far * direction))
    camera.SetViewUp(0.0, 0.0, 1.0)
    renderer.ResetCameraClippingRange()


def _compose(model: Model, views: list[NDArray[np.uint8]], height_mm: float, path: Path) -> None:
    """The views side by side with their titles, a scale bar and the legend."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "model", "the picture of a model") from error
    legend_width, top = 330, 60
    width = sum(view.shape[1] for view in views) + legend_width
    figure = Figure(figsize=(width / 100, (_HEIGHT + top) / 100), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    left = 0
    for index, (view, (_, title)) in enumerate(zip(views, _VIEWS, strict=True)):
        share = _HEIGHT / (_HEIGHT + top)
        axes = figure.add_axes((left / width, 0, view.shape[1] / width, share))
        axes.imshow(view, aspect="auto")
        axes.set_axis_off()
        axes.set_title(title, fontsize=15, pad=14)
        sides = ("R", "L") if index == 0 else ("A", "P")
        for place, text in zip((0.06, 0.94), sides, strict=True):
            axes.text(place, 0.985, text, transform=axes.transAxes, ha="center", va="top", fontsize=14, color="0.4")
        left += view.shape[1]
    _legend(figure, model, left / width, legend_width / width, _HEIGHT / height_mm / (_HEIGHT + top))
    figure.savefig(path, format="png")


def _legend(figure: Any, model: Model, left: float, width: float, per_mm: float) -> None:
    """Swatches of the parts and a scale bar of 20 mm; `per_mm` is the share of the figure's height of 1 mm."""
    axes = figure.add_axes((left, 0, width, 1))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    axes.text(0.08, 0.95, f"sub-{model.subject}", fontsize=18, weight="bold", va="center")
    axes.text(0.30, 0.905, "L       R", fontsize=13, color="0.4", va="center")
    rows = {name: [name] for name in (DURA, CORD) if name in model.parts}
    for root in sorted(model.centrelines):
        rows.setdefault(root.segment, []).append(f"{ROOTS}_{root}")
    place = 0.875
    for title, names in sorted(rows.items(), key=lambda row: (row[0] in (DURA, CORD), 0)):
        for name in names:
            column = 0.44 if name.endswith("_R") else 0.26
            axes.add_patch(_swatch(column, place, part_color(name), name == DURA))
        axes.text(0.08, place, title, fontsize=15, va="center")
        place -= 0.032
    axes.plot([0.12, 0.12], [0.03, 0.03 + 20 * per_mm], color="0.2", linewidth=3, solid_capstyle="butt")
    axes.text(0.18, 0.03 + 10 * per_mm, "20 mm", fontsize=14, va="center")


def _swatch(left: float, middle: float, rgb: tuple[float, float, float], faint: bool) -> Any:
    from matplotlib.patches import Rectangle

    alpha = 0.45 if faint else 1.0
    return Rectangle((left, middle - 0.009), 0.14, 0.018, facecolor=rgb, alpha=alpha, edgecolor="0.3", linewidth=0.8)
