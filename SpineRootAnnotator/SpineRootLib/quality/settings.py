"""What is tuned in measuring image quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SacSettings:
    """How the dural sac is looked for where nobody has drawn it.

    The published subject's sac has 122 to 248 mm2 across, of which the cord takes up to 61 mm2.

    Parameters
    ----------
    reach_mm : how far from the middle of the image, to the sides, and to front and back; scans are planned on the
        midline.
    grid_mm : voxels are averaged to about this size; half the width of the fluid beside the cord.
    levels : how many times the brighter part is parted again by Otsu's threshold, to set fluid apart from fat.
    area_mm2 : smallest and largest area of fluid on a section across the body.
    width_mm : largest width of it.
    neck_mm : what is narrower than this is no part of the sac; root sleeves are up to 5 mm wide.
    shift_mm : its middle moves by less from one section to the next on which it is seen.
    """

    reach_mm: tuple[float, float] = (30.0, 90.0)
    grid_mm: float = 1.2
    levels: int = 2
    area_mm2: tuple[float, float] = (20.0, 450.0)
    width_mm: float = 32.0
    neck_mm: float = 6.0
    shift_mm: float = 5.0


@dataclass(frozen=True)
class QualitySettings:
    """Numbers of the quality measures.

    Parameters
    ----------
    limit : SNR and CNR below it are low; all subjects' averages of the published dataset lie above 1.5 (Liu et al.,
        Scientific Data 2024).
    thresholds : by image name the grey value between nervous tissue (at or below) and fluid (above), set by hand as
        in that paper; it goes before the contours of the cord and Otsu's threshold.
    root_radius_mm : a root is a disc of this radius around its point, as in the published model.
    least_voxels : a class with fewer gives no figure.
    sac : how the sac is found without an annotation.
    """

    limit: float = 1.5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    root_radius_mm: float = 0.5
    least_voxels: int = 10
    sac: SacSettings = field(default_factory=SacSettings)
