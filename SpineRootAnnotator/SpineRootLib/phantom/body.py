"""What surrounds the dural sac: vertebrae, discs, muscle and fat, drawn coarsely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.levels import LEVELS
from SpineRootLib.phantom.spine import Spine

Array = NDArray[np.float64]
TISSUES = ("air", "fat", "muscle", "bone", "disc", "bowel", "epidural")


@dataclass(frozen=True)
class BodyShape:
    """Sizes of an adult trunk about the sac's middle, mm.

    Parameters
    ----------
    trunk : half width, half depth, and how far in front of the sac its middle lies.
    fat : thickness of the fat under the skin.
    vertebra : half width and half depth of a vertebral body.
    disc_height : of an intervertebral disc.
    epidural : space between the sac and the bone.
    arch : thickness of the bony arch.
    spinous : half width and length of a spinous process.
    foramen_height : of the opening through which a root leaves.
    """

    trunk: tuple[float, float, float] = (165.0, 110.0, 42.0)
    fat: float = 16.0
    vertebra: tuple[float, float] = (24.0, 17.0)
    disc_height: float = 9.0
    epidural: float = 2.2
    arch: float = 6.0
    spinous: tuple[float, float] = (3.5, 32.0)
    foramen_height: float = 16.0


def body_level(
    spine: Spine, x: Array, y: Array, depth: Array, levels: Mapping[str, float], shape: BodyShape | None = None
) -> Array:
    """Intensity of the surroundings of the sac.

    Parameters
    ----------
    x, y, depth : places in the body's frame, mm, of one shape.
    levels : intensity of each tissue of `TISSUES`.
    """
    size = shape or BodyShape()
    middle = spine.sac.centre(depth)
    half = spine.sac.profile(depth)[..., 2:]
    right, front = x - middle[..., 0], y - middle[..., 1]
    value = np.full(np.shape(x), levels["muscle"], dtype=np.float64)
    value *= 1.0 + 0.12 * _fibres(x, y, depth)
    abdomen = front > half[..., 1] + 2.2 * size.vertebra[1] + 8.0 + 0.004 * right**2
    value = np.where(abdomen, levels["bowel"] * (1.0 + 0.35 * _fibres(0.35 * x, 0.35 * y, 0.5 * depth)), value)
    value = np.where(_trunk(x, front, size) > -size.fat, levels["fat"], value)
    value = np.where(_vertebra(right, front - half[..., 1], size), _column(spine, depth, levels, size), value)
    wall = spine.sac.distance(x, y, depth)
    foramen = _in_foramen(spine, depth, size)
    ring = wall < size.epidural + size.arch
    lateral = np.abs(right) > 0.75 * half[..., 0]
    opening = lateral & foramen & (np.abs(front - 1.0) < 7.0) & (np.abs(right) < half[..., 0] + 16.0)
    process = (front < 0) & (np.abs(right) < size.spinous[0]) & (-front < half[..., 1] + size.spinous[1]) & ~foramen
    value = np.where((ring & (front < 0.3 * half[..., 1])) | process, levels["bone"], value)
    value = np.where(opening, levels["fat"], value)
    value = np.where(wall < size.epidural * (1.0 + 0.35 * _fibres(x, y, 2 * depth)), levels["epidural"], value)
    return np.where(_trunk(x, front, size) > 0, levels["air"], value)


def _trunk(x: Array, front: Array, size: BodyShape) -> Array:
    """About how far outside the skin a place lies, mm."""
    width, thickness, ahead = size.trunk
    return np.asarray((np.hypot(x / width, (front - ahead) / thickness) - 1.0) * thickness)


def _vertebra(right: Array, ahead: Array, size: BodyShape) -> Array:
    """Whether a place lies in the column of bodies and discs, `ahead` mm in front of the sac."""
    width, thickness = size.vertebra
    return np.asarray(np.hypot(right / width, (ahead - thickness - 1.5) / thickness) < 1.0)


def _column(spine: Spine, depth: Array, levels: Mapping[str, float], size: BodyShape) -> Array:
    """Disc or bone by depth; discs lie at the level of the foramina."""
    return np.where(_nearest_foramen(spine, depth) < size.disc_height / 2, levels["disc"], levels["bone"])


def _in_foramen(spine: Spine, depth: Array, size: BodyShape) -> NDArray[np.bool_]:
    return np.asarray(_nearest_foramen(spine, depth) < size.foramen_height / 2)


def _nearest_foramen(spine: Spine, depth: Array) -> Array:
    """mm of depth to the nearest foramen."""
    places = np.array([spine.levels[name].leaves + 6.0 for name in LEVELS])
    return np.asarray(np.abs(np.asarray(depth)[..., None] - places).min(axis=-1))


def _fibres(x: Array, y: Array, depth: Array) -> Array:
    """A fixed texture between -1 and 1, finer across than along the body."""
    first = np.sin(0.55 * x + 1.7 * np.sin(0.11 * y + 0.03 * depth)) * np.sin(0.48 * y + 1.3 * np.sin(0.13 * x))
    second = np.sin(0.21 * x - 0.17 * y + 0.05 * depth) * np.sin(0.09 * x + 0.23 * y)
    return np.asarray(0.5 * (first + second))
