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
    click_every : slices from one to the next on which the tracer is told where the tube's middle is.
    rim_mm : what lies so near to the dura that was found is left out: a voxel, of which the wall has a share.
    least_traced : share of the tube's slices on which the tracer must see a dura, or the tube is not believed to be
        the sac: on seven volumes of the neck 0.7-1.0 where it was, 0 and 0.1 where it was muscle.
    """

    reach_mm: tuple[float, float] = (30.0, 90.0)
    grid_mm: float = 1.2
    levels: int = 2
    area_mm2: tuple[float, float] = (20.0, 450.0)
    width_mm: float = 32.0
    neck_mm: float = 6.0
    shift_mm: float = 5.0
    click_every: int = 8
    rim_mm: float = 0.5
    least_traced: float = 0.5


@dataclass(frozen=True)
class QualitySettings:
    """Numbers of the quality measures.

    Parameters
    ----------
    limit : SNR and CNR below it are low; all subjects' averages of the published dataset lie above 1.5 (Liu et al.,
        Scientific Data 2024).
    classes : how fluid and nervous tissue are told apart: by ``threshold``, as in that paper, or by ``contours`` of the
        cord and discs about root points. Most roots of a crowd are not marked, and by contours count as fluid.
    thresholds : by image name the grey value between nervous tissue (at or below) and fluid (above), set by hand; it
        goes before all else.
    least_separation : share of the variance that Otsu's threshold must explain, or a slice shows one tissue alone: a
        normal distribution cut in two has 0.64, an even one 0.75.
    root_radius_mm : a root is a disc of this radius around its point, as in the published model.
    least_voxels : a class with fewer gives no figure.
    sac : how the sac is found without an annotation.
    """

    limit: float = 1.5
    classes: str = "threshold"
    thresholds: Mapping[str, float] = field(default_factory=dict)
    least_separation: float = 0.78
    root_radius_mm: float = 0.5
    least_voxels: int = 10
    sac: SacSettings = field(default_factory=SacSettings)
