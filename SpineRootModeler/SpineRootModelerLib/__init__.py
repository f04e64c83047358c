"""Surfaces and their subject on the MRML scene. Nothing here knows Qt."""
