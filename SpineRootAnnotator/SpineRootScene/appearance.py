"""How things look: sizes of marks, widths of lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Appearance:
    """Sizes of what is drawn, in millimetres unless said otherwise; chosen by eye on 0.3 mm CISS voxels.

    Parameters
    ----------
    point_mm : radius of a root's proposal on its slice; roots are 0.8-1.4 mm across (Liu et al. 2024).
    other_mm : radius of the proposal of a root that is not worked on.
    tick_mm : half the size of a small mark: of a dot of 1.2 mm it leaves nine tenths to be seen.
    ghost_share : size of the mark of a root on a neighbouring slice, part of that of a mark on its own.
    whole_from : confidence from which on a proposal is drawn as a whole ring or line; as a run accepts it.
    faint_below : confidence below which it is faint: more likely wrong than right.
    dash_mm : length of the dashes, and of the gaps between them, of a proposed contour that is not seen in the image.
    ganglion_mm : half the width of a ganglion's cross; ganglia are 5-10 mm long.
    sac_width_mm : what is seen across of the slice when it is centred on the thecal sac, about 20 mm wide.
    dots_width_mm : the same where the dura is drawn, so that the sac is in the middle: roots are dots of 1 mm.
    named_mm, hinted_mm : a ganglion is drawn in views so near to it, and dimly so near.
    spine_mm : an annotation that reaches less far does not show where the spine is, so that the image is looked at;
        three lumbar levels of about 30 mm.
    """

    point_mm: float = 0.6
    other_mm: float = 0.35
    tick_mm: float = 0.2
    ghost_share: float = 0.5
    whole_from: float = 0.9
    faint_below: float = 0.5
    dash_mm: float = 1.0
    ganglion_mm: float = 3.0
    sac_width_mm: float = 45.0
    dots_width_mm: float = 25.0
    named_mm: float = 4.0
    hinted_mm: float = 10.0
    spine_mm: float = 80.0


@dataclass(frozen=True)
class ContourLook:
    """The look of the curve that is edited; by eye.

    Parameters
    ----------
    glyph_percent : size of a control point in per cent of the view: the image under it stays visible at any zoom.
    line_mm : thickness of the curve.
    faint : opacity of one that is not sure.
    """

    glyph_percent: float = 1.6
    line_mm: float = 0.15
    faint: float = 0.35


@dataclass(frozen=True)
class PointLook:
    """The look of the point that is edited; by eye.

    Parameters
    ----------
    glyph_percent : size of the point in per cent of the view; its name is written by the view's overlay.
    """

    glyph_percent: float = 2.0


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
