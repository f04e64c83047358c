"""The sections of the modeler's panel: they connect widgets to the session and compute nothing."""
