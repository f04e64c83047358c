"""Which off-screen OpenGL this machine has, if any."""

from __future__ import annotations

import functools
import os
import subprocess
import sys

INSTALL_HINT = (
    "No off-screen OpenGL was found, so views cannot be drawn: install Mesa's EGL or OSMesa "
    "(Debian and Ubuntu: apt install libegl1 libgl1-mesa-dri, Fedora: dnf install mesa-libEGL mesa-dri-drivers)."
)

_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"
_CANDIDATES = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow")
# A broken driver ends the process that tries it, hence a process of its own.
_PROBE = """
import sys
import vtkmodules.vtkRenderingOpenGL2 as opengl
window = getattr(opengl, sys.argv[1])()
window.SetOffScreenRendering(1)
sys.exit(0 if window.SupportsOpenGL() else 1)
"""


@functools.cache
def offscreen_window() -> str | None:
    """The class of VTK's render window that draws off screen here; None if there is none."""
    asked = os.environ.get(_VARIABLE)
    candidates = (asked, *_CANDIDATES) if asked else _CANDIDATES
    return next((name for name in candidates if _works(name)), None)


def use_offscreen_window() -> bool:
    """Have VTK draw off screen from now on; False if this machine cannot."""
    name = offscreen_window()
    if name is not None:
        os.environ[_VARIABLE] = name
    return name is not None


def _works(name: str) -> bool:
    try:
        return subprocess.run([sys.executable, "-c", _PROBE, name], capture_output=True, timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False
