"""A synthetic subject with a known truth: the project's own sample data."""

from SpineRootLib.phantom.annotator import simulate_annotator
from SpineRootLib.phantom.bundle import Bundle
from SpineRootLib.phantom.challenges import CHALLENGES
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.files import write_phantom
from SpineRootLib.phantom.phantom import Phantom, make_phantom
from SpineRootLib.phantom.settings import (
    AnatomySettings,
    AnnotatorSettings,
    DistractorSettings,
    ImageSettings,
    PhantomSettings,
    ScanSettings,
)
from SpineRootLib.phantom.truth import Truth, make_truth

__all__ = [
    "AnatomySettings",
    "AnnotatorSettings",
    "CHALLENGES",
    "Bundle",
    "CrowdSettings",
    "DistractorSettings",
    "ImageSettings",
    "Phantom",
    "PhantomSettings",
    "ScanSettings",
    "Truth",
    "make_phantom",
    "make_truth",
    "simulate_annotator",
    "write_phantom",
]
