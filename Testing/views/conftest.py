"""Every test here runs on the real scene, empty at its start."""

from headless.fixtures import *  # noqa: F403
