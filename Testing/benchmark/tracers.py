"""The tracers that are compared: each a command line that completes a sparse annotation, files in and files out."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The last state of version 0.1, before the tracer was made for crowded images.
OLD_COMMIT = "6b733bc"


@dataclass(frozen=True)
class TracerUnderTest:
    """A tracer.

    Parameters
    ----------
    name : in the tables.
    tree : the checkout whose modules are used.
    command : what comes before ``DATASET --subject S --annotator A --out MARKERS``.
    """

    name: str
    tree: Path
    command: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """One thread, and the tree's own modules."""
        path = os.pathsep.join([str(self.tree / "SpineRootAnnotator"), str(ROOT / "Testing" / "benchmark")])
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return {**os.environ, **threads, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, script: tuple[str, ...], seconds: float = 600.0) -> subprocess.CompletedProcess[str]:
        """Run a script or module of the tree."""
        words = [sys.executable, *script]
        return subprocess.run(
            words, env=self.environment(), capture_output=True, text=True, timeout=seconds, check=False
        )

    def complete(self, dataset: Path, subject: str, annotator: str, out: Path) -> str:
        """Complete an annotation; what went wrong, or an empty text."""
        where = (str(dataset), "--subject", subject, "--annotator", annotator, "--out", str(out))
        done = self.run((*self.command, *where))
        return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["failed"])[-1]


def control() -> TracerUnderTest:
    """Interpolation without the image."""
    return TracerUnderTest("control", ROOT, (str(ROOT / "Testing" / "benchmark" / "interpolate.py"),))


def now() -> TracerUnderTest:
    """The tracer of this checkout."""
    return TracerUnderTest("now", ROOT, ("-m", "SpineRootLib", "trace"))


def old(folder: Path) -> TracerUnderTest | None:
    """The tracer of version 0.1, taken from the history into a folder; None where the history does not reach back."""
    tree = folder / OLD_COMMIT
    if not tree.is_dir():
        tree.mkdir(parents=True)
        archive = subprocess.run(
            ["git", "-C", str(ROOT), "archive", OLD_COMMIT, "SpineRootAnnotator"], capture_output=True, check=False
        )
        if archive.returncode != 0:
            tree.rmdir()
            return None
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
    return TracerUnderTest("0.1", tree, ("-m", "SpineRootLib", "trace"))
