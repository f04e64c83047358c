"""The pictures of `make run`: the model in a 3D view beside an annotated CISS slice, in Slicer's own views, off screen.

python Testing/demo/pictures.py DATASET --subject 01 --annotator A --out FILE.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("Testing", "SpineRootAnnotator", "SpineRootModeler")]

from headless.opengl import INSTALL_HINT, use_offscreen_window  # noqa: E402

_SLICE_SIZE = (900, 900)
_MODEL_SIZE = (420, 900)
# from behind and a little to the side and above: where cord, cauda equina and ganglia are all seen
_FROM = np.array([-0.55, -1.0, 0.25])


def draw(dataset: Path, subject: str, annotator: str | None, out: Path) -> str:
    """Draw the picture; the answer is a sentence for the user: where it lies, or why there is none."""
    if not use_offscreen_window():
        return INSTALL_HINT
    from headless.view import save_picture

    pixels = np.hstack([_model_picture(dataset, subject, annotator), _slice_picture(dataset, subject, annotator)])
    return f"The model beside an annotated slice: {save_picture(out, pixels)}"


def _model_picture(dataset: Path, subject: str, annotator: str | None) -> np.ndarray:
    from headless.application import start

    slicer = start()
    from headless.three_d_view import ThreeDView
    from SpineRootModelerLib.session import ModelSession

    view = ThreeDView(size=_MODEL_SIZE)
    view.node.SetBackgroundColor(1.0, 1.0, 1.0)
    view.node.SetBackgroundColor2(1.0, 1.0, 1.0)
    session = ModelSession(slicer.mrmlScene)
    session.open(dataset, subject, annotator)
    session.build()
    view.look_from(_FROM, fill=0.95)
    pixels = view.picture()
    view.close()
    slicer.mrmlScene.Clear(0)
    return pixels


def _slice_picture(dataset: Path, subject: str, annotator: str | None) -> np.ndarray:
    from headless.application import start

    slicer = start()
    from headless.slice_view import SliceView
    from SpineRootAnnotatorLib.session import AnnotationSession

    view = SliceView(size=_SLICE_SIZE)
    session = AnnotationSession(slicer.mrmlScene)
    session.look_at(dataset, subject, annotator)
    subject = session.subject
    last_of_cord = max(subject.index.contours["cord"], default=subject.planes.count // 2)
    subject.go_to(last_of_cord - 4)
    subject.display.centre()
    subject.view.zoom_to(30.0)
    pixels = view.picture()
    session.close()
    view.close()
    return pixels


def main() -> int:
    """Draw what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--subject", required=True)
    parser.add_argument("--annotator", help="default: the consensus")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    print(draw(options.dataset, options.subject, options.annotator, options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
