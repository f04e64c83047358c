"""Phantoms that are hard to trace, each in a way of its own, with the truth known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from SpineRootLib.anatomy import SPINAL_SEGMENTS
from SpineRootLib.phantom.settings import PhantomSettings
from SpineRootLib.phantom.variant_settings import Cyst, Metal, Narrowing

Challenge = Callable[[PhantomSettings], PhantomSettings]

# All sizes by eye, as such cases look on CISS; depths are mm below the topmost slice of an adult's spine.
_STENOSIS = Narrowing(depth_mm=140.0, share=0.35, length_mm=8.0)
_LOW_CONUS_MM = 24.0
_SCOLIOSIS_MM = 12.0
_CYST = Cyst(depth_mm=146.0, beside_mm=-3.5, behind_mm=2.5, radius_mm=3.0, half_length_mm=10.0)
_SCREW = Metal(depth_mm=120.0, beside_mm=19.0, radius_mm=13.0)
_MOTION_MM = 0.6
_GHOSTS = 0.12
# Thinner slices have less signal: the noise grows with the root of the voxel's volume.
_THIN_MM, _THICK_MM, _THICK_PIXEL_MM = 0.8, 3.0, 0.4
# Noise against the brightest fluid; contrast of fluid to root and to cord.
_LOW_SIGNAL = (0.05, 2.6, 2.4)


def _variant(**changes: object) -> Challenge:
    def change(settings: PhantomSettings) -> PhantomSettings:
        variant = replace(settings.anatomy.variant, **changes)  # type: ignore[arg-type]
        return replace(settings, anatomy=replace(settings.anatomy, variant=variant))

    return change


def _faults(**changes: object) -> Challenge:
    def change(settings: PhantomSettings) -> PhantomSettings:
        faults = replace(settings.image.faults, **changes)  # type: ignore[arg-type]
        return replace(settings, image=replace(settings.image, faults=faults))

    return change


def _slices(thick_mm: float, pixel_mm: float | None = None) -> Challenge:
    """The same stretch of the body and field of view on slices of another thickness and pixels of another width."""

    def change(settings: PhantomSettings) -> PhantomSettings:
        before = settings.scan
        voxel = (pixel_mm or before.voxel_mm[0], pixel_mm or before.voxel_mm[1], thick_mm)
        width, height, count = (
            round(number * old / new) for number, old, new in zip(before.shape, before.voxel_mm, voxel, strict=True)
        )
        volume = before.voxel_mm[0] * before.voxel_mm[1] * before.voxel_mm[2] / (voxel[0] * voxel[1] * voxel[2])
        scan = replace(before, voxel_mm=voxel, shape=(width, height, count))
        return replace(settings, scan=scan, image=replace(settings.image, noise=settings.image.noise * volume**0.5))

    return change


def _low_signal(settings: PhantomSettings) -> PhantomSettings:
    noise, to_root, to_cord = _LOW_SIGNAL
    return replace(settings, image=replace(settings.image, noise=noise, csf_to_root=to_root, csf_to_cord=to_cord))


def _six_lumbar(settings: PhantomSettings) -> PhantomSettings:
    changed = _variant(sixth_lumbar=True)(settings)
    segments = tuple(name for name in SPINAL_SEGMENTS if name in {*settings.anatomy.segments, "L6"})
    return replace(changed, anatomy=replace(changed.anatomy, segments=segments))


CHALLENGES: Mapping[str, Challenge] = MappingProxyType(
    {
        "stenosis": _variant(narrowings=(_STENOSIS,)),
        "low conus": _variant(cord_lower_mm=_LOW_CONUS_MM),
        "six lumbar vertebrae": _six_lumbar,
        "conjoined roots": _variant(conjoined=(("L3", "L4", "L"), ("L5", "S1", "R"))),
        "scoliosis": _variant(curve_mm=_SCOLIOSIS_MM),
        "cyst": _variant(cysts=(_CYST,)),
        "metal": _faults(metal=_SCREW),
        "motion": _faults(motion_mm=_MOTION_MM),
        "thin slices": _slices(_THIN_MM),
        "thick slices": _slices(_THICK_MM, _THICK_PIXEL_MM),
        "low signal": _low_signal,
        "pulsation ghosts": _faults(ghost_share=_GHOSTS),
    }
)
