"""`make test-slicer`: the modules' own self-tests in a real Slicer, on a virtual screen where there is none.

python Testing/in_slicer/run.py [--if-there] [SLICER]

With ``--if-there`` it is no fault that there is no Slicer; it is said all the same.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("SpineRootAnnotator", "SpineRootModeler")
TIMEOUT_S = 600.0  # a run takes about a minute; one that hangs says where and is ended
TIMED_OUT = 124  # as the command `timeout` has it
_SAY_BEFORE_S = 15.0  # before it is ended, Python inside says where it stands
# What a virtual environment sets would reach into Slicer's own Python.
_OF_THIS_PYTHON = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "VTK_DEFAULT_OPENGL_WINDOW")


def main(arguments: list[str]) -> int:
    """Run them; the exit status is Slicer's, 2 where there is no Slicer or no screen."""
    slicer = next((word for word in arguments if word != "--if-there"), "")
    if "--if-there" in arguments and not (found := find_slicer(slicer)):
        print("No Slicer on PATH: its self-tests are not run (make test-slicer SLICER=/path/to/Slicer)", flush=True)
        return 0
    if "--if-there" in arguments:
        print(f"Self-tests in {found}", flush=True)
    return launch(slicer, "self_tests.py", *MODULES)


def find_slicer(slicer: str = "") -> str:
    """The one given, ``SLICER`` of the environment, or the one on PATH; empty if there is none."""
    return slicer or os.environ.get("SLICER") or shutil.which("Slicer") or ""


def launch(slicer: str, script: str, *arguments: str, seconds: float = TIMEOUT_S) -> int:
    """Run a script of this folder in a Slicer that has both modules.

    Parameters
    ----------
    slicer : its path; if empty, ``SLICER`` of the environment or the one on PATH.
    seconds : after so long it is ended, with all that it started.

    Returns
    -------
    Slicer's exit status, 2 where there is no Slicer or no screen, 124 where it was ended; both is said.
    """
    slicer = find_slicer(slicer)
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
    environment["SPINEROOT_SAY_WHERE_AFTER_S"] = str(max(seconds - _SAY_BEFORE_S, 1.0))
    command = [*screen, slicer, "--testing", "--no-splash", "--disable-cli-modules", *loading, *inside]
    return run_for(command, environment, seconds)


def run_for(command: list[str], environment: dict[str, str], seconds: float) -> int:
    """Run a command for so long at most; what it started, such as a screen, is ended with it."""
    with subprocess.Popen(command, env=environment, start_new_session=os.name == "posix") as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f"Ended after {seconds:.0f} s in which it did not come to its end: {command[0]}", file=sys.stderr)
            return TIMED_OUT
        finally:
            if process.poll() is None:
                end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    process.wait()


def virtual_screen() -> list[str] | None:
    """What is put before a command so that it has a screen: nothing where there is one; None if none can be had."""
    if sys.platform != "linux" or os.environ.get("DISPLAY"):
        return []
    xvfb = shutil.which("xvfb-run")
    return None if xvfb is None else [xvfb, "--auto-servernum", "--server-args=-screen 0 1920x1080x24"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
