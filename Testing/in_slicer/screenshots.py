"""`make screenshots`: renews the pages' pictures: the first as `make run` draws it, the others in a real Slicer, in
which the tutorial is walked.

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
LARGEST_KB = 300.0  # a README that loads at once


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
            bits = save_small(Image.open(path).convert("RGB"), out / path.name)
            print(f"{path.name}: {(out / path.name).stat().st_size / 1000:.0f} kB, {bits} bits a colour")
    return status


def save_small(picture: Image.Image, path: Path) -> int:
    """Save a picture with as many bits a colour as its size may be, which are returned: all hues stay what they are."""
    for bits in (8, 7, 6, 5):
        steps = 2**bits - 1
        nearest = [round(round(value * steps / 255) * 255 / steps) for value in range(256)]
        picture.point(nearest * 3).save(path, optimize=True)
        if path.stat().st_size <= LARGEST_KB * 1000:
            break
    return bits


if __name__ == "__main__":
    sys.exit(main())
