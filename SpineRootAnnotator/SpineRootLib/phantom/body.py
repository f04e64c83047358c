"""What surrounds the dural sac: vertebrae, discs, joints, muscle and fat, drawn as soft layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SpineRootLib.phantom.grid import over, share_inside
from SpineRootLib.phantom.levels import LEVELS
from SpineRootLib.phantom.spine import Spine

Array = NDArray[np.float64]
TISSUES = ("air", "fat", "muscle", "cortex", "marrow", "disc", "bowel", "ligament")
# mm over which one tissue passes into the next.
_SOFT_MM = 0.7
# A foramen's middle below the place where its root leaves the sac, mm, and how many more lie above T12.
_BELOW_EXIT_MM = 6.0
_LEVELS_ABOVE = 11


@dataclass(frozen=True)
class BodyShape:
    """Sizes of an adult trunk about the sac's middle, mm.

    Parameters
    ----------
    trunk : half width, half depth, and how far in front of the sac its middle lies.
    skin_fat : thickness of the fat under the skin.
    vertebra : half width and half depth of a vertebral body.
    cortex : thickness of the dark rim of bones.
    disc_height, foramen_height : along the body; both lie at the level where a root leaves.
    epidural : space between the sac and the arch, and how much wider it is behind.
    arch : thickness of the bony arch.
    spinous : half width and length of a spinous process.
    joint : of a facet joint: to the side, behind, radius.
    """

    trunk: tuple[float, float, float] = (165.0, 110.0, 42.0)
    skin_fat: float = 16.0
    vertebra: tuple[float, float] = (24.0, 17.0)
    cortex: float = 1.2
    disc_height: float = 9.0
    foramen_height: float = 16.0
    epidural: tuple[float, float] = (1.6, 3.4)
    arch: float = 6.5
    spinous: tuple[float, float] = (3.5, 30.0)
    joint: tuple[float, float, float] = (15.5, 9.0, 7.5)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Places about the sac, each array of one shape, mm.

    Parameters
    ----------
    right, front : from the sac's middle at their depth.
    ahead : in front of the sac's middle on the topmost slice; the skin does not follow the spine's curve.
    half_width, half_depth : of the sac there.
    wall : from the sac's wall, negative inside.
    foramen : along the body from the nearest foramen.
    texture : fixed, between -1 and 1.
    """

    right: Array
    front: Array
    ahead: Array
    half_width: Array
    half_depth: Array
    wall: Array
    foramen: Array
    texture: Array
    size: BodyShape

    @classmethod
    def at(cls, spine: Spine, x: Array, y: Array, depth: Array, size: BodyShape) -> Surroundings:
        """The places at coordinates of the body's frame."""
        centre_x, centre_y, half_width, half_depth = spine.sac.profile_at(depth)
        foramina = _foramina(spine)
        line = np.linspace(depth.min(), depth.max(), int(np.ptp(depth)) + 2)
        nearest = np.interp(depth, line, np.abs(line[:, None] - foramina).min(axis=1))
        wall = spine.sac.distance(x, y, depth)
        return cls(x - centre_x, y - centre_y, y, half_width, half_depth, wall, nearest, _texture(x, y, depth), size)


def body_level(spine: Spine, x: Array, y: Array, depth: Array, levels: Mapping[str, float]) -> Array:
    """Intensity of the surroundings of the sac.

    Parameters
    ----------
    x, y, depth : places in the body's frame, mm, of one shape.
    levels : intensity of each tissue of `TISSUES`.
    """
    places = Surroundings.at(spine, x, y, depth, BodyShape())
    value = _soft_tissue(places, levels)
    value = _arch(value, places, levels)
    value = _vertebral_body(value, places, levels)
    value = _canal(value, places, levels)
    return _layer(value, levels["air"], _inside_skin(places), 1.5)


def _foramina(spine: Spine) -> Array:
    """Depths of the foramina, also of the levels above those that are drawn, mm."""
    drawn = [spine.levels[name].leaves + _BELOW_EXIT_MM for name in LEVELS]
    above = drawn[0] - (drawn[1] - drawn[0]) * np.arange(1, _LEVELS_ABOVE + 1)
    return np.concatenate([above, drawn])


def _soft_tissue(places: Surroundings, levels: Mapping[str, float]) -> Array:
    """Muscle streaked with fat, the bowel in front, fat under the skin."""
    streaks = levels["fat"] * np.clip(1.5 * (places.texture - 0.5), 0.0, 0.35)
    value = levels["muscle"] * (1.0 + 0.15 * places.texture) + streaks
    bowel = levels["bowel"] * (1.0 + 0.2 * places.texture)
    behind_bowel = places.half_depth + 2.2 * places.size.vertebra[1] + 8.0 + 0.004 * places.right**2 - places.front
    value = _layer(value, bowel, behind_bowel, 2.0)
    fat = levels["fat"] * (1.0 + 0.06 * places.texture)
    return _layer(value, fat, _inside_skin(places) - places.size.skin_fat, 1.5)


def _vertebral_body(value: Array, places: Surroundings, levels: Mapping[str, float]) -> Array:
    """Marrow in a dark rim, or a disc with a brighter middle."""
    width, thickness = places.size.vertebra
    ahead = places.front - places.half_depth - 1.8 - thickness
    ring = np.hypot(places.right / width, ahead / thickness)
    disc = share_inside(places.foramen - places.size.disc_height / 2, 1.5)
    nucleus = levels["disc"] * (0.45 + 0.75 * share_inside((ring - 0.62) * thickness, 4.0))
    inner = over(levels["marrow"] * (1.0 + 0.15 * places.texture), nucleus, disc)
    value = _layer(value, levels["cortex"], (ring - 1.0) * thickness)
    return _layer(value, inner, (ring - 1.0) * thickness + places.size.cortex)


def _arch(value: Array, places: Surroundings, levels: Mapping[str, float]) -> Array:
    """Pedicles, laminae and spinous process; at the foramina fat, the joints and the yellow ligament."""
    size = places.size
    ring = np.abs(places.wall - _epidural(places) - size.arch / 2) - size.arch / 2
    pedicle = np.maximum(ring, places.front - places.half_depth - 2.5)
    behind = -places.front - places.half_depth
    process = np.maximum(np.abs(places.right) - size.spinous[0], np.maximum(-behind, behind - size.spinous[1]))
    closed = np.minimum(pedicle, process) + _open(places)
    beside, back, radius = size.joint
    joint = np.hypot(np.abs(places.right) - beside, places.front + back) - radius
    oval = np.hypot((np.abs(places.right) - places.half_width - 8.0) / 10.0, (places.front - 1.5) / 7.0)
    ligament = np.maximum(ring + 2.0, places.front + 1.0)
    value = _layer(value, levels["cortex"], closed)
    value = _layer(value, levels["marrow"], closed + size.cortex)
    value = _layer(value, levels["ligament"], np.maximum(ligament, _shut(places)))
    value = _layer(value, levels["cortex"], np.maximum(joint, _shut(places)))
    value = _layer(value, levels["marrow"], np.maximum(joint + 2.0, _shut(places)))
    return _layer(value, levels["fat"], np.maximum((oval - 1.0) * 7.0, _shut(places)))


def _canal(value: Array, places: Surroundings, levels: Mapping[str, float]) -> Array:
    """Fat and veins between the sac and the bone."""
    fat = levels["fat"] * (0.85 + 0.25 * places.texture)
    return _layer(value, fat, places.wall - _epidural(places))


def _epidural(places: Surroundings) -> Array:
    """Width of the space about the sac, mm: a wedge of fat behind, more of it at the foramina."""
    thin, wide = places.size.epidural
    behind = np.clip(-places.front / places.half_depth, 0.0, 1.0) ** 3 * np.exp(-((places.right / 6.0) ** 2))
    return np.asarray(thin + (wide - thin) * behind * (1.0 + 0.5 * np.cos(places.foramen / 5.0)))


def _shut(places: Surroundings) -> Array:
    """mm along the body to the nearest foramen's edge, negative within."""
    return np.asarray(places.foramen - places.size.foramen_height / 2)


def _open(places: Surroundings) -> Array:
    """Keeps the arch away from the foramina: 0 far from them, many mm within."""
    return np.asarray(8.0 * share_inside(_shut(places), 4.0))


def _inside_skin(places: Surroundings) -> Array:
    """About how far under the skin a place lies, mm."""
    width, thickness, ahead = places.size.trunk
    return np.asarray((1.0 - np.hypot(places.right / width, (places.ahead - ahead) / thickness)) * thickness)


def _layer(below: Array, level: Array | float, distance: Array, soft: float = _SOFT_MM) -> Array:
    return over(below, level, share_inside(distance, soft))


def _texture(x: Array, y: Array, depth: Array) -> Array:
    """A fixed pattern between -1 and 1, finer across than along the body."""
    first = np.sin(0.55 * x + 1.7 * np.sin(0.11 * y + 0.03 * depth)) * np.sin(0.48 * y + 1.3 * np.sin(0.13 * x))
    second = np.sin(0.21 * x - 0.17 * y + 0.05 * depth) * np.sin(0.09 * x + 0.23 * y)
    return np.asarray(0.5 * (first + second))
