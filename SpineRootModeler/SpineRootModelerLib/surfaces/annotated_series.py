"""Which of the volumes that Slicer loaded from DICOM is the annotated image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpineRootLib.annotation import Annotation
from SpineRootLib.errors import GeometryError, SpineRootError
from SpineRootLib.image_identity import IdentityLimits, difference, has_grid, is_same_picture
from SpineRootLib.images import Image, voxel_digest
from SpineRootLib.translation import _
from SpineRootScene.volumes import image_of, is_moved

# of volumes that Slicer loaded from its DICOM database
INSTANCES = "DICOM.instanceUIDs"
# Slicer makes the axes of a volume orthogonal, and moves its voxels by up to so much
_LIMITS = IdentityLimits(corner_mm=0.2)


def annotated_series(scene: Any, annotation: Annotation, ciss: Any | None) -> Any | None:
    """The volume from DICOM that is the annotated image: on its grid, and with its voxels; None if there is none.

    Parameters
    ----------
    ciss : the volume of the CISS image, None if it is not on the scene: then what is recorded of it has to do.

    Raises
    ------
    SpineRootError
        if several are.
    """
    own = None if ciss is None else image_of(ciss)
    found = {volume.GetAttribute(INSTANCES): volume for volume in _from_dicom(scene) if _is(volume, annotation, own)}
    if len(found) > 1:
        names = ", ".join(sorted(volume.GetName() for volume in found.values()))
        raise SpineRootError(
            _(
                "Several series from DICOM have the annotated image's voxels: {names}. Leave one of them on the scene."
            ).format(names=names)
        )
    return next(iter(found.values()), None)


def _from_dicom(scene: Any) -> Iterator[Any]:
    nodes = scene.GetNodesByClass("vtkMRMLScalarVolumeNode")
    for index in range(nodes.GetNumberOfItems()):
        volume = nodes.GetItemAsObject(index)
        if volume.GetAttribute(INSTANCES) and volume.GetImageData() is not None and not is_moved(volume):
            yield volume


def _is(volume: Any, annotation: Annotation, ciss: Image | None) -> bool:
    """Whether a volume is the annotated image, by the image itself or, without it, by what is recorded of it."""
    image, planes = image_of(volume), annotation.require_planes()
    try:
        slices = image.planes()
    except GeometryError:
        return False
    if slices.count != planes.count or not planes.agrees_with(slices):
        return False
    if ciss is not None:
        return not difference(_grid(ciss), _grid(image), _LIMITS) and is_same_picture(ciss, image)
    recorded = annotation.provenance.document.get("Images", {}).get("CISS")
    if not isinstance(recorded, dict) or not has_grid(recorded):
        return True
    return not difference(recorded, {**_grid(image), "VoxelSHA256": voxel_digest(image)}, _LIMITS)


def _grid(image: Image) -> dict[str, Any]:
    return {"Shape": list(image.voxels.shape), "Affine": image.affine.tolist()}
