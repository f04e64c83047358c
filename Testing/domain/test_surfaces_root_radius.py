"""The radius of roots, measured in images in which it is known."""

from __future__ import annotations

import numpy as np
import pytest
from straight_spine import straight_spine

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError
from SpineRootLib.images import Image
from SpineRootLib.surfaces import build_model
from SpineRootLib.surfaces.root_radius import measure_radii
from SpineRootLib.surfaces.root_settings import RadiusMeasurementSettings

FLUID, TISSUE = 900.0, 350.0


def painted(annotation: Annotation, radius: float) -> Image:
    """Fluid with a disc of tissue of a radius around each root point, on voxels of 0.3 mm, edges shared by area."""
    planes = annotation.planes
    spacing, count = 0.3, 80
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([planes.right * spacing, planes.anterior * spacing, planes.down * planes.spacing])
    affine[:3, 3] = planes.origin - (count // 2) * (affine[:3, 0] + affine[:3, 1])
    line = (np.arange(count) - count // 2) * spacing
    right, front = np.meshgrid(line, line, indexing="ij")
    voxels = np.full((count, count, planes.count), FLUID)
    for root in annotation.roots:
        for number, point in annotation.root_by_slice(root).items():
            x, y = planes.flatten(point)[0]
            share = np.clip((radius - np.hypot(right - x, front - y)) / spacing + 0.5, 0.0, 1.0)
            voxels[..., number - 1] -= share * (FLUID - TISSUE)
    return Image(voxels, affine)


@pytest.mark.parametrize("radius", [0.4, 0.6])
def test_the_radius_of_painted_roots_is_found(radius):
    annotation = straight_spine()
    found = measure_radii(annotation, painted(annotation, radius), RadiusMeasurementSettings())
    assert set(found) == {Root("L1", "L"), Root("L1", "R")}
    for measured in found.values():
        assert measured.radius_mm == pytest.approx(radius, abs=0.06)
        assert measured.spread_mm < 0.05


def test_a_model_with_an_image_has_the_measured_radii_and_says_so():
    annotation = straight_spine()
    report = build_model(annotation, image=painted(annotation, 0.65)).report["roots"]["L1_R"]
    assert report["radius_mm"] == pytest.approx(0.65, abs=0.06)
    assert report["radius_measured"]["slices"] >= 5


def test_a_root_seen_on_too_few_slices_keeps_its_set_radius():
    annotation = straight_spine()
    annotation.roots[Root("L1", "L")] = annotation.root_descending(Root("L1", "L"))[-3:]
    assert set(measure_radii(annotation, painted(annotation, 0.5), RadiusMeasurementSettings())) == {Root("L1", "R")}


def test_without_contours_the_radius_is_not_measured():
    annotation = straight_spine()
    image = painted(annotation, 0.5)
    annotation.contours["cord"] = []
    with pytest.raises(GeometryError, match="only where dura and cord are annotated"):
        measure_radii(annotation, image, RadiusMeasurementSettings())
