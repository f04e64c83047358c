"""`make test-slicer`: the modules' own self-tests in a real Slicer, on a virtual screen where there is none.

python Testing/in_slicer/run.py [SLICER]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("SpineRootAnnotator", "SpineRootModeler")
TIMEOUT_S = 900
# What a virtual environment sets would reach into Slicer's own Python.
_OF_THIS_PYTHON = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "VTK_DEFAULT_OPENGL_WINDOW")


def main() -> int:
    """Run them; the exit status is Slicer's, 2 where there is no Slicer or no screen."""
    return launch(sys.argv[1] if len(sys.argv) > 1 else "", "self_tests.py", *MODULES)


def launch(slicer: str, script: str, *arguments: str) -> int:
    """Run a script of this folder in a Slicer that has both modules.

    Parameters
    ----------
    slicer : its path; if empty, ``SLICER`` of the environment or the one on PATH.

    Returns
    -------
    Slicer's exit status, 2 where there is no Slicer or no screen, which is said.
    """
    slicer = slicer or os.environ.get("SLICER") or shutil.which("Slicer") or ""
    if not slicer:
        print("No Slicer was found: give its path, make test-slicer SLICER=/path/to/Slicer", file=sys.stderr)
        return 2
    screen = virtual_screen()
    if screen is None:
        print("There is no display for Slicer: install Xvfb (Debian and Ubuntu: apt install xvfb)", file=sys.stderr)
        return 2
    loading = ["--additional-module-paths", *(str(ROOT / module) for module in MODULES)]
    inside = ["--python-script", str(Path(__file__).with_name(script)), *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THIS_PYTHON}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [*screen, slicer, "--testing", "--no-splash", "--disable-cli-modules", *loading, *inside]
    return subprocess.run(command, env=environment, timeout=TIMEOUT_S, check=False).returncode


def virtual_screen() -> list[str] | None:
    """What is put before a command so that it has a screen: nothing where there is one; None if none can be had."""
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        return []
    xvfb = shutil.which("xvfb-run")
    return None if xvfb is None else [xvfb, "--auto-servernum", "--server-args=-screen 0 1920x1080x24"]


if __name__ == "__main__":
    sys.exit(main())
