"""Surfaces as a label map on cubes of a size of one's own: for solvers that work on voxels, and for no image at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.anatomy import CORD, CSF, DURA, ROOTS
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image
from SpineRootLib.progress import Progress, report
from SpineRootLib.regions import OUTSIDE, region_of
from SpineRootLib.surfaces.files import poly_data
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model

# empty voxels around what is labelled
_MARGIN = 2
# more voxels than this are a slip of the unit: 2 GB
_MOST_VOXELS = 2_000_000_000


def voxel_labels(model: Model, step_mm: float, progress: Progress | None = None) -> Image:
    """The number of the region in which each voxel's centre lies; axes are those of the body (RAS).

    The cord goes before roots, roots in their order before the fluid, as in the conforming set.

    Parameters
    ----------
    model : with a closed dura.
    step_mm : edge of the voxels.

    Raises
    ------
    GeometryError
        if there is no closed dura, or there are more voxels than any computer holds.
    Cancelled
        if the progress callback asks to stop.
    """
    if DURA not in model.parts or not model.parts[DURA].is_watertight():
        raise GeometryError(f"sub-{model.subject} has no closed dura, without which nothing is inside or outside")
    solids = {name: surface for name, surface in model.parts.items() if name != CSF}
    vertices = np.concatenate([surface.vertices for surface in solids.values()])
    first = np.floor(vertices.min(axis=0) / step_mm) - _MARGIN
    shape = (np.ceil(vertices.max(axis=0) / step_mm) + _MARGIN - first).astype(int) + 1
    if np.prod(shape.astype(float)) > _MOST_VOXELS:
        raise GeometryError(
            f"with voxels of {step_mm:g} mm the label map would have {np.prod(shape.astype(float)):.0g} of them:"
            " choose larger ones"
        )
    labels = np.zeros(shape, dtype=np.uint8)
    origin = first * step_mm
    _paint(labels, solids[DURA], origin, step_mm, {0: region_of(CSF).number})
    fluid = region_of(CSF).number
    roots = sorted(name for name in solids if name.startswith(f"{ROOTS}_"))
    for rank, name in enumerate(roots):
        report(progress, rank / len(roots), name)
        numbers = {fluid: region_of(name).number, 0: region_of(f"{name}_{OUTSIDE}").number}
        _paint(labels, solids[name], origin, step_mm, numbers)
    if CORD in solids:
        cord = region_of(CORD).number
        _paint(labels, solids[CORD], origin, step_mm, dict.fromkeys(range(256), cord))
    affine = np.diag([step_mm, step_mm, step_mm, 1.0])
    affine[:3, 3] = origin
    return Image(labels, affine)


def _paint(
    labels: NDArray[np.uint8], surface: Surface, origin: NDArray[np.float64], step: float, numbers: dict[int, int]
) -> None:
    """Exchange labels inside a closed surface, each for the number that is given for it."""
    low = np.floor((surface.vertices.min(axis=0) - origin) / step).astype(int)
    high = np.ceil((surface.vertices.max(axis=0) - origin) / step).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, np.array(labels.shape) - 1)
    inside = _inside(surface, origin + low * step, step, high - low + 1)
    box = labels[tuple(slice(first, last + 1) for first, last in zip(low.tolist(), high.tolist(), strict=True))]
    exchanged = np.arange(256, dtype=np.uint8)
    exchanged[list(numbers)] = list(numbers.values())
    box[inside] = exchanged[box[inside]]


def _inside(surface: Surface, origin: NDArray[np.float64], step: float, shape: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which centres of a grid lie inside a closed surface, (i, j, k): the parity along scan lines (VTK's stencil)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkImagingStencil import vtkImageStencilToImage, vtkPolyDataToImageStencil

    data = poly_data(surface)
    points = vtkPoints()
    points.SetDataTypeToDouble()
    points.SetData(numpy_to_vtk(surface.vertices, deep=True))  # grid and surface in the same frame
    data.SetPoints(points)
    stencil = vtkPolyDataToImageStencil()
    stencil.SetInputData(data)
    stencil.SetOutputOrigin(origin.tolist())
    stencil.SetOutputSpacing([step] * 3)
    stencil.SetOutputWholeExtent([value for size in shape.tolist() for value in (0, size - 1)])
    image = vtkImageStencilToImage()
    image.SetInputConnection(stencil.GetOutputPort())
    image.SetInsideValue(1)
    image.SetOutsideValue(0)
    image.SetOutputScalarTypeToUnsignedChar()
    image.Update()
    values = vtk_to_numpy(image.GetOutput().GetPointData().GetScalars())
    return values.reshape(shape[::-1]).transpose(2, 1, 0) > 0
