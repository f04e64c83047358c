"""What is tuned in measuring image quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    sac_reach_mm : without an annotation the sac is looked for at most this far from the middle of the image, to the
        sides, and to front and back; scans are planned on the midline.
    sac_grid_mm : voxels are averaged to about this size to find the sac; half the width of the fluid beside the cord.
    sac_area_mm2 : smallest and largest area of bright fluid across the body that is taken for a sac; the published
        subject's sac has 122 to 248 mm2, of which the cord takes up to 61.
    sac_neck_mm : what is bright and narrower than this is no part of the sac; root sleeves are up to 5 mm wide.
    sac_levels : how many times the brighter part is parted again by Otsu's threshold to set fluid apart from fat.
    """

    limit: float = 1.5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    root_radius_mm: float = 0.5
    least_voxels: int = 10
    sac_reach_mm: tuple[float, float] = (30.0, 90.0)
    sac_grid_mm: float = 1.2
    sac_area_mm2: tuple[float, float] = (20.0, 600.0)
    sac_neck_mm: float = 6.0
    sac_levels: int = 3
