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
    ganglion_mm : half the width of a ganglion's cross; ganglia are 5-10 mm long.
    sac_width_mm : what is seen across of the slice when it is centred on the thecal sac, about 20 mm wide.
    """

    point_mm: float = 0.6
    ghost_mm: float = 0.3
    ganglion_mm: float = 3.0
    sac_width_mm: float = 45.0
