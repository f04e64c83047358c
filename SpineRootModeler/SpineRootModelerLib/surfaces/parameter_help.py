"""What the numbers mean by which surfaces are built, beside each number in the panel."""

from __future__ import annotations

from SpineRootLib.surfaces.settings import MeshSettings
from SpineRootLib.translation import _


def detail_text(detail: float) -> str:
    """How large the triangles are."""
    return _("edges up to {edge:.1f} mm").format(edge=MeshSettings().scaled(detail).edge_mm)


def smoothing_text(smoothing: float) -> str:
    """What is done to the contours as drawn."""
    if smoothing <= 0:
        return _("contours as drawn")
    if smoothing < 1:
        return _("some of the jitter removed")
    return _("jitter between slices removed") if smoothing == 1 else _("smoother than drawn")
