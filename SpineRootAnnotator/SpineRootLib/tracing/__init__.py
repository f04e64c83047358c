"""Assisted tracing: proposals for roots, contours and ganglia from a few confirmed points.

Plain image analysis, deterministic, without a learned model. `Tracer` is the way in; see its docstring.
"""

from SpineRootLib.tracing.contour_settings import ContourSettings
from SpineRootLib.tracing.course_settings import (
    ConfidenceSettings,
    CoursePriorSettings,
    DotSettings,
    MotionSettings,
    PosteriorSettings,
)
from SpineRootLib.tracing.proposals import ContourProposal, HelpfulMark, PointProposal, most_helpful
from SpineRootLib.tracing.root_settings import ClickSettings, EndSettings, OnwardSettings
from SpineRootLib.tracing.settings import ConsistencySettings, FluidSettings, GanglionSettings, TracingSettings
from SpineRootLib.tracing.tracer import Tracer
from SpineRootLib.tracing.wall_settings import WallPriorSettings, WallSettings

__all__ = [
    "ClickSettings",
    "ConfidenceSettings",
    "ConsistencySettings",
    "ContourProposal",
    "ContourSettings",
    "CoursePriorSettings",
    "DotSettings",
    "EndSettings",
    "FluidSettings",
    "GanglionSettings",
    "HelpfulMark",
    "MotionSettings",
    "OnwardSettings",
    "PointProposal",
    "PosteriorSettings",
    "Tracer",
    "TracingSettings",
    "WallPriorSettings",
    "WallSettings",
    "most_helpful",
]
