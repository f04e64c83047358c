"""Everything centreline-like in the images: roots and ganglia, and what nobody annotates."""

from __future__ import annotations

import numpy as np

from SpineRootLib.phantom.centreline import Centreline
from SpineRootLib.phantom.distractors import distractors, veins, vessels
from SpineRootLib.phantom.settings import DistractorSettings
from SpineRootLib.phantom.spine import Spine

# A ganglion's half length along the root and its largest radius, mm.
_GANGLION_MM = (5.5, 2.6)


def sac_contents(spine: Spine, settings: DistractorSettings, seed: int) -> list[Centreline]:
    """The centrelines to draw, the later over the earlier."""
    ganglia = [ganglion_centreline(root) for root in spine.roots.values()]
    if spine.bundles:
        bundles = [bundle.centreline for bundle in spine.bundles]
        seen = [*vessels(spine, settings.vessels, np.random.default_rng([seed, 8]), spine.crowd.artery_ends_mm)]
        return [*seen, *veins(spine, spine.crowd.veins, seed), *bundles, *ganglia]
    return [*distractors(spine, settings, seed), *spine.roots.values(), *ganglia]


def ganglion_centreline(root: Centreline) -> Centreline:
    """The ganglion at the end of a root: an oval."""
    half_length, radius = _GANGLION_MM
    along = np.linspace(-1.0, 1.0, 23)
    x, y, _ = root.at(root.bottom)
    values = np.column_stack([np.full_like(along, x), np.full_like(along, y), radius * np.sqrt(1.0 - along**2)])
    return Centreline.through(root.frame, root.bottom + half_length * along, values, "ganglion")
