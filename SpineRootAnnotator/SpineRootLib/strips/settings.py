"""How strips are cut and drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StripSettings:
    """How a strip is cut out of the image.

    Parameters
    ----------
    half_width_mm : to either side of the root; its neighbours in a crowd lie 0.9-3 mm away, and an exchange shows
        beside the middle.
    sac_half_width_mm : to either side of the middle of the sac, which is up to 25 mm wide.
    pixel_mm : across and down. CISS has pixels of 0.3 mm.
    margin_slices : seen above the highest and below the lowest point of a root.
    smooth_slices : standard deviation of the course's smoothing: shorter than an exchange over 5 slices, so that one
        leaves the middle, and longer than the annotators' jitter from slice to slice, so that the image does not shake.
        By eye.
    """

    half_width_mm: float = 6.0
    sac_half_width_mm: float = 16.0
    pixel_mm: float = 0.3
    margin_slices: int = 3
    smooth_slices: float = 2.0


@dataclass(frozen=True)
class PageSettings:
    """How a page of strips is drawn; all by eye.

    Parameters
    ----------
    zoom : pixels of the page a side of a pixel of a strip.
    gap, head, letters : in pixels: between strips, above them, and of the letters.
    ruler : pixels to the left of a strip for the slices' numbers.
    tick_every : slices from one numbered tick to the next.
    mark : half the size of a mark's cross, pixels.
    faint : how much of a line's colour covers the image, 0..1, where it is a neighbour's.
    darkest, brightest : percentiles of the strip's grey values that become black and white.
    """

    zoom: int = 3
    gap: int = 14
    head: int = 34
    letters: int = 15
    ruler: int = 30
    tick_every: int = 5
    mark: int = 2
    faint: float = 0.55
    darkest: float = 1.0
    brightest: float = 99.5
