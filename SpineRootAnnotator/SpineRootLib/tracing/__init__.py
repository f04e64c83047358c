"""Assisted tracing: proposals for roots, contours and ganglia from a few confirmed points.

Plain image analysis, deterministic, without a learned model. `Tracer` is the way in; see its docstring.
"""

from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.proposals import ContourProposal, PointProposal
from SpineRootLib.tracing.root_settings import (
    ConfidenceSettings,
    EndSettings,
    OrderSettings,
    PathSettings,
    SpotSettings,
)
from SpineRootLib.tracing.settings import FluidSettings, GanglionSettings, TracingSettings
from SpineRootLib.tracing.tracer import Tracer

__all__ = [
    "ConfidenceSettings",
    "ContourProposal",
    "ContourSettings",
    "EndSettings",
    "FluidSettings",
    "GanglionSettings",
    "OrderSettings",
    "PathSettings",
    "PointProposal",
    "SpotSettings",
    "Tracer",
    "TracingSettings",
]
