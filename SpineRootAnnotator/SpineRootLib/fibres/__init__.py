"""Where fibres run in roots, for models of what a field excites, and their files."""

from SpineRootLib.fibres.courses import Fibre, FibreSettings, fibres_of

__all__ = ["Fibre", "FibreSettings", "fibres_of"]
