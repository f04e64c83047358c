"""Closed surfaces of dura, cerebrospinal fluid, cord and roots from one annotation, for simulation."""

from SpineRootLib.surfaces.files import FORMATS, write_model
from SpineRootLib.surfaces.mesh import Surface
from SpineRootLib.surfaces.model import Model, build_model
from SpineRootLib.surfaces.one_root_rebuild import LiveRoots
from SpineRootLib.surfaces.settings import ModelSettings

__all__ = ["FORMATS", "LiveRoots", "Model", "ModelSettings", "Surface", "build_model", "write_model"]
