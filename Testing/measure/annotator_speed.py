"""How fast the annotator's session is beside a scene with nothing loaded: opening, stepping, clicking.

    python Testing/measure/annotator_speed.py DATASET --subject 03 --annotator A
    Slicer --no-splash --python-script Testing/measure/annotator_speed.py DATASET --subject 03 --annotator A

Without Slicer the views are drawn off screen. Prints medians; the figures of one run belong together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "SpineRootAnnotator")]

STEPS = 30


@dataclass(frozen=True)
class Cost:
    """Median wall and processor time, seconds; on a busy machine only the latter means much."""

    wall: float
    cpu: float

    @classmethod
    def of(cls, act: Callable[[], object]) -> Cost:
        """What it takes to do something."""
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        return cls(time.perf_counter() - wall, time.process_time() - cpu)

    @classmethod
    def median(cls, costs: list[Cost]) -> Cost:
        """The median of each, without the first three, which warm up."""
        kept = costs[3:]
        return cls(median(cost.wall for cost in kept), median(cost.cpu for cost in kept))


class OffScreen:
    """Three slice views off screen, as in Slicer's four-up layout."""

    def __init__(self) -> None:
        from headless.opengl import INSTALL_HINT, use_offscreen_window

        if not use_offscreen_window():
            sys.exit(INSTALL_HINT)
        from headless.application import start

        start()
        from headless.slice_view import SliceView

        kinds = (("Red", "Axial"), ("Green", "Coronal"), ("Yellow", "Sagittal"))
        self.views = [SliceView(name, orientation, (700, 500)) for name, orientation in kinds]

    def show(self, volume: Any) -> None:
        """Put a volume into all views."""
        for view in self.views:
            view.show_volume(volume)

    def draw(self) -> None:
        """Draw all views."""
        for view in self.views:
            view.render()

    def click(self, ras: Any) -> Cost:
        """From the release of the button over a RAS point in the red view until all is drawn."""
        red = self.views[0]
        pixel = red.pixel(ras)
        red.move(pixel)
        red.press(pixel)
        self.draw()
        return Cost.of(lambda: (red.release(pixel), self.draw()))


class InSlicer:
    """The slice views of a running Slicer in its four-up layout."""

    def __init__(self) -> None:
        import slicer

        self._slicer = slicer
        slicer.util.mainWindow().resize(1920, 1060)
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        names = ("Red", "Green", "Yellow")
        self._widgets = [slicer.app.layoutManager().sliceWidget(name) for name in names]
        slicer.app.processEvents()

    def show(self, volume: Any) -> None:
        """Put a volume into all views."""
        self._slicer.util.setSliceViewerLayers(background=volume, fit=True)
        self._slicer.app.processEvents()

    def draw(self) -> None:
        """Let Slicer draw what it wants drawn."""
        for widget in self._widgets:
            widget.sliceView().forceRender()
        self._slicer.app.processEvents()

    def click(self, ras: Any) -> Cost:
        """From the release of the button over a RAS point in the red view until all is drawn."""
        import numpy as np

        view = self._widgets[0].sliceView()
        matrix = np.linalg.inv(self._slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetXYToRAS()))
        x, y = (matrix @ [*ras, 1.0])[:2]
        interactor = view.interactor()
        interactor.SetEventInformation(round(x), round(y), 0, 0, "\0", 0, "")
        for event in ("MouseMoveEvent", "LeftButtonPressEvent"):
            interactor.InvokeEvent(event)
        self.draw()
        return Cost.of(lambda: (interactor.InvokeEvent("LeftButtonReleaseEvent"), self.draw()))


def steps(views: Any, go_to: Callable[[int], None], first: int) -> Cost:
    """A step to the next slice until all views are drawn."""
    numbers = range(first, first + STEPS)
    return Cost.median([Cost.of(lambda number=number: (go_to(number), views.draw())) for number in numbers])


def measure(views: Any, dataset: Path, subject: str, annotator: str) -> None:
    """Print the figures."""
    import slicer

    from SpineRootAnnotatorLib.ciss_view import CissView
    from SpineRootAnnotatorLib.session import AnnotationSession
    from SpineRootAnnotatorLib.settings import SessionSettings
    from SpineRootAnnotatorLib.volumes import volume_node
    from SpineRootLib.dataset import Dataset

    images = Dataset.open(dataset).images(subject)
    volumes = {name: volume_node(path, slicer.mrmlScene) for name, path in images.items()}
    views.show(volumes["CISS"])
    views.draw()
    session = AnnotationSession(slicer.mrmlScene, SessionSettings(arrange_views=False))
    opened = Cost.of(lambda: (session.open(dataset, subject, annotator, by_force=True), views.draw()))
    planes, first = session.subject.planes, max(session.subject.planes.count // 2 - STEPS // 2, 1)
    point = session.subject.index.root_point
    session.close()

    bare = CissView(slicer.mrmlScene, "Red", planes, lambda _number: None)
    empty = steps(views, bare.go_to, first)
    bare.close()
    session.open(dataset, subject, annotator, by_force=True)
    rows = [("step, nothing loaded", empty), ("open", opened)]
    for mode in ("roots", "contours", "review"):
        session.perform(mode)
        session.subject.go_to(first)
        session.tick()
        rows.append((f"step, {mode}", steps(views, session.subject.go_to, first + 1)))
    session.perform("roots")
    session.subject.go_to(first)
    root = max(session.subject.annotation.roots, key=lambda each: len(session.subject.annotation.roots[each]))
    session.subject.root = root
    clicks = []
    for number in range(first, first + STEPS):
        session.subject.go_to(number)
        views.draw()
        where = point(root, number)
        if where is not None:
            clicks.append(views.click(where))
    rows.append(("click to drawn point", Cost.median(clicks)))
    for _ in session.subject.work.history.done[:]:
        session.perform("undo")
    session.close()
    for name, cost in rows:
        ratio = f"{cost.wall / empty.wall:5.2f} {cost.cpu / empty.cpu:5.2f} x a step with nothing loaded"
        print(f"{name:<22} {1000 * cost.wall:7.1f} ms wall {1000 * cost.cpu:7.1f} ms processor  {ratio}", flush=True)


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--subject", required=True)
    parser.add_argument("--annotator", required=True)
    options = parser.parse_args()
    in_slicer = "slicer" in sys.modules and hasattr(sys.modules["slicer"], "app")
    measure(InSlicer() if in_slicer else OffScreen(), options.dataset, options.subject, options.annotator)
    if in_slicer:
        sys.modules["slicer"].util.exit(0)


if __name__ == "__main__":
    main()
