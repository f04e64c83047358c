"""The surfaces of the open subject on the scene."""
