"""`make screenshots`: walks the README's tutorial in a real Slicer and renews the pictures of the documentation.

python Testing/in_slicer/screenshots.py [SLICER] [FOLDER]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from run import ROOT, launch

FOLDER = ROOT / "Resources" / "Screenshots"
COLORS = 256  # with these the hues of the structures are kept, and a picture stays below 300 kB


def main() -> int:
    """Take the pictures; the exit status is Slicer's."""
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        status = launch(sys.argv[1] if len(sys.argv) > 1 else "", "tutorial.py", folder)
        for path in sorted(Path(folder).glob("*.png")) if status == 0 else ():
            taken = Image.open(path).convert("RGB")
            taken.quantize(COLORS, kmeans=1, dither=Image.Dither.NONE).save(out / path.name, optimize=True)
            print(f"{path.name}: {(out / path.name).stat().st_size / 1000:.0f} kB")
    return status


if __name__ == "__main__":
    sys.exit(main())
