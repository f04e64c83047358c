"""Surfaces and their subject on the MRML scene. Nothing here knows Qt."""

import SpineRootScene  # noqa: F401 - sets the translation before texts are read
