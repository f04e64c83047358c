"""Everything strand-like in the images: roots and ganglia, and what nobody annotates."""

from __future__ import annotations

import numpy as np

from SpineRootLib.phantom.settings import DistractorSettings
from SpineRootLib.phantom.spine import Spine
from SpineRootLib.phantom.strand import Strand
from SpineRootLib.phantom.unlabelled import unlabelled_strands

# A ganglion's half length along the root and its largest radius, mm.
_GANGLION_MM = (5.5, 2.6)


def all_strands(spine: Spine, settings: DistractorSettings, seed: int) -> list[Strand]:
    """The strands to draw, the later over the earlier."""
    ganglia = [ganglion_strand(root) for root in spine.roots.values()]
    return [*unlabelled_strands(spine, settings, seed), *spine.roots.values(), *ganglia]


def ganglion_strand(root: Strand) -> Strand:
    """The ganglion at the end of a root: an oval."""
    half_length, radius = _GANGLION_MM
    along = np.linspace(-1.0, 1.0, 23)
    x, y, _ = root.at(root.bottom)
    values = np.column_stack([np.full_like(along, x), np.full_like(along, y), radius * np.sqrt(1.0 - along**2)])
    return Strand.through(root.frame, root.bottom + half_length * along, values, "ganglion")
