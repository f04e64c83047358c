"""The bookkeeping runs in a Python that knows no Slicer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOM = Path(__file__).resolve().parents[2] / "SpineRootAnnotator" / "SpineRootAnnotatorLib" / "work"


def test_every_file_is_imported_without_slicer():
    names = [f"SpineRootAnnotatorLib.work.{path.stem}" for path in sorted(ROOM.glob("*.py")) if path.stem != "__init__"]
    assert len(names) > 10
    lines = (
        "import sys",
        f"sys.path.insert(0, {str(ROOM.parents[1])!r})",
        f"import {', '.join(names)}",
        "print('slicer' in sys.modules)",
    )
    run = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("False", "")
