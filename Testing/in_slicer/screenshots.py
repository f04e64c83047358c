"""`make screenshots`: renews the README's pictures: the first as `make run` draws it, the others in a real Slicer, in
which its tutorial is walked.

python Testing/in_slicer/screenshots.py [SLICER] [FOLDER]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from run import ROOT, launch

FOLDER = ROOT / "Resources" / "Screenshots"
DRAWN = ROOT / "run"


def main() -> int:
    """Take the pictures; the exit status is Slicer's."""
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(DRAWN, ignore_errors=True)
    subprocess.run([sys.executable, str(ROOT / "Testing" / "demo" / "run.py"), "--picture"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        status = launch(sys.argv[1] if len(sys.argv) > 1 else "", "tutorial.py", folder)
        if status == 0:
            shutil.copyfile(DRAWN / "picture.png", Path(folder) / "model-and-slice.png")
        for path in sorted(Path(folder).glob("*.png")) if status == 0 else ():
            Image.open(path).convert("RGB").save(out / path.name, optimize=True)
            print(f"{path.name}: {(out / path.name).stat().st_size / 1000:.0f} kB")
    return status


if __name__ == "__main__":
    sys.exit(main())
