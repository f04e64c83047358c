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
GREYS, HUES = 96, 160  # colours for what is grey and for what is not: small marks keep theirs, a picture stays small
SATURATED = 48  # of 255: from here on a pixel has a hue


def main() -> int:
    """Take the pictures; the exit status is Slicer's."""
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        status = launch(sys.argv[1] if len(sys.argv) > 1 else "", "tutorial.py", folder)
        for path in sorted(Path(folder).glob("*.png")) if status == 0 else ():
            taken = Image.open(path).convert("RGB")
            few_colors(taken).save(out / path.name, optimize=True)
            print(f"{path.name}: {(out / path.name).stat().st_size / 1000:.0f} kB")
    return status


def few_colors(picture: Image.Image) -> Image.Image:
    """A picture in 256 colours, of which the marks in the views have their share, however small they are."""
    saturation = picture.convert("HSV").getchannel("S")
    masks = saturation.point(lambda s: 255 * (s < SATURATED)), saturation.point(lambda s: 255 * (s >= SATURATED))
    palette: list[int] = []
    for mask, count in zip(masks, (GREYS, HUES), strict=True):
        chosen = [pixel for pixel, inside in zip(picture.getdata(), mask.getdata(), strict=True) if inside]
        row = Image.new("RGB", (max(len(chosen), 1), 1))
        row.putdata(chosen)
        palette += row.quantize(count, kmeans=1, dither=Image.Dither.NONE).getpalette()[: 3 * count]
    of_palette = Image.new("P", (1, 1))
    of_palette.putpalette(palette)
    return picture.quantize(palette=of_palette, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())
