"""Assisted tracing: proposals for roots, contours and ganglia from a few confirmed points.

Plain image analysis, deterministic, without a learned model. `Tracer` is the way in; see its docstring.
"""

from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.settings import (
    ConfidenceSettings,
    ContourSettings,
    FluidSettings,
    GanglionSettings,
    PathSettings,
    SpotSettings,
    TracingSettings,
)
from SpineRootLib.tracing.tracer import Tracer

__all__ = [
    "ConfidenceSettings",
    "ContourProposal",
    "ContourSettings",
    "FluidSettings",
    "GanglionSettings",
    "PathSettings",
    "PointProposal",
    "SpotSettings",
    "Tracer",
    "TracingSettings",
]
