"""How things look: sizes of marks, widths of lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Appearance:
    """Sizes of what is drawn, in millimetres unless said otherwise; chosen by eye on 0.3 mm CISS voxels.

    Parameters
    ----------
    point_mm : radius of a root's mark on its slice; roots are 0.8-1.4 mm across (Liu et al. 2024).
    ghost_mm : radius of the mark of a root on a neighbouring slice.
    dash_mm : length of the dashes, and of the gaps between them, of a proposed contour that is not seen in the image.
    ganglion_mm : half the width of a ganglion's cross; ganglia are 5-10 mm long.
    sac_width_mm : what is seen across of the slice when it is centred on the thecal sac, about 20 mm wide.
    spine_mm : an annotation that reaches less far does not show where the spine is, so that the image is looked at;
        three lumbar levels of about 30 mm.
    """

    point_mm: float = 0.6
    ghost_mm: float = 0.3
    dash_mm: float = 1.0
    ganglion_mm: float = 3.0
    sac_width_mm: float = 45.0
    spine_mm: float = 80.0


@dataclass(frozen=True)
class ContourLook:
    """The look of the curve that is edited; by eye.

    Parameters
    ----------
    glyph_percent : size of a control point in per cent of the view: the image under it stays visible at any zoom.
    line_mm : thickness of the curve.
    """

    glyph_percent: float = 1.6
    line_mm: float = 0.15


@dataclass(frozen=True)
class PointLook:
    """The look of the point that is edited; by eye.

    Parameters
    ----------
    glyph_percent, text_percent : size of the point and of its name, in per cent of the view.
    """

    glyph_percent: float = 3.0
    text_percent: float = 3.5


@dataclass(frozen=True)
class CameraAngle:
    """From where 3D views look.

    Parameters
    ----------
    direction : RAS, from what is looked at to the camera: from behind, a little from the left and above, so that cord,
        cauda equina and ganglia are all seen; by eye.
    fill : the share of the view's height that what is looked at takes; by eye.
    """

    direction: tuple[float, float, float] = (-0.35, -1.0, 0.2)
    fill: float = 0.9


@dataclass(frozen=True)
class FluidWindow:
    """Which grey is shown white.

    Parameters
    ----------
    white_percentile : of the voxels in the middle third of the field of view, in which the sac lies: the brightest
        thousandth is noise of the fluid.
    step : every how many voxels along each axis are looked at: an eighth of them tells the same percentile.
    """

    white_percentile: float = 99.9
    step: int = 2
