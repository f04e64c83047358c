"""How fast the annotator's session is beside a scene with nothing loaded: opening, stepping, clicking.

    python Testing/measure/annotator_speed.py DATASET --subject 03 --annotator A
    Slicer --no-splash --python-script Testing/measure/annotator_speed.py DATASET --subject 03 --annotator A

Without Slicer the views are drawn off screen. Prints medians; the figures of one run belong together.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Testing"), str(ROOT / "SpineRootAnnotator")]

STEPS = 30
EMPTY = "step, nothing loaded"


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

    def beat(self, session: Any) -> None:
        """There is no event loop: `click` draws the view of the click first, as the module's timer does."""

    def click(self, ras: Any) -> Cost:
        """From the release of the button over a RAS point in the red view until that view has drawn it."""
        red = self.views[0]
        pixel = red.pixel(ras)
        red.move(pixel)
        red.press(pixel)
        self.draw()
        return Cost.of(lambda: (red.release(pixel), red.render()))


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

    def beat(self, session: Any) -> None:
        """Have the module's own timer look after the session."""
        from SpineRootAnnotatorWidgets.session_timer import SessionTimer

        self._timer = SessionTimer(session, session.tick)

    def click(self, ras: Any) -> Cost:
        """From the release of the button over a RAS point in the red view until that view has drawn it."""
        import numpy as np

        view = self._widgets[0].sliceView()
        matrix = np.linalg.inv(self._slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetXYToRAS()))
        x, y = (matrix @ [*ras, 1.0])[:2]
        interactor = view.interactor()
        interactor.SetEventInformation(round(x), round(y), 0, 0, "\0", 0, "")
        for event in ("MouseMoveEvent", "LeftButtonPressEvent"):
            interactor.InvokeEvent(event)
        self.draw()
        drawn: list[bool] = []
        tag = view.renderWindow().AddObserver("EndEvent", lambda *_: drawn.append(True))

        def release() -> None:
            interactor.InvokeEvent("LeftButtonReleaseEvent")
            while not drawn:
                self._slicer.app.processEvents()

        cost = Cost.of(release)
        view.renderWindow().RemoveObserver(tag)
        return cost


def steps(views: Any, go_to: Callable[[int], None], first: int) -> Cost:
    """A step to the next slice until all views are drawn."""
    numbers = range(first, first + STEPS)
    return Cost.median([Cost.of(lambda number=number: (go_to(number), views.draw())) for number in numbers])


def measure(views: Any, dataset: Path, subject: str, annotator: str) -> dict[str, Cost]:
    """What each thing takes, by name."""
    import slicer

    from SpineRootAnnotatorLib.session import AnnotationSession
    from SpineRootAnnotatorLib.settings import SessionSettings
    from SpineRootLib.dataset import Dataset
    from SpineRootScene.volumes import volume_node

    images = Dataset.open(dataset).images(subject)
    volumes = {name: volume_node(path, slicer.mrmlScene) for name, path in images.items()}
    views.show(volumes["CISS"])
    views.draw()
    session = AnnotationSession(slicer.mrmlScene, SessionSettings(arrange_views=False))
    costs = {"open": Cost.of(lambda: (session.open(dataset, subject, annotator), views.draw()))}
    planes = session.subject.planes
    session.close()
    first = max((planes.count - STEPS) // 2, 1)
    costs[EMPTY] = step_without_a_session(views, planes, first)
    session.open(dataset, subject, annotator)
    for mode in ("roots", "contours", "review"):
        session.perform(mode)
        session.subject.go_to(first)
        session.tick()
        costs[f"step, {mode}"] = steps(views, session.subject.go_to, first + 1)
    views.beat(session)
    costs["click to drawn point"] = clicks(views, session, first)
    session.close()
    return costs


def step_without_a_session(views: Any, planes: Any, first: int) -> Cost:
    """A step with the image alone in the scene."""
    import slicer

    from SpineRootScene.ciss_view import CissView

    bare = CissView(slicer.mrmlScene, "Red", planes, lambda _number: None)
    cost = steps(views, bare.go_to, first)
    bare.close()
    return cost


def clicks(views: Any, session: Any, first: int) -> Cost:
    """Clicks on the root with the most points, each where its point is already; what else is due waits meanwhile."""
    session.perform("roots")
    roots = session.subject.annotation.roots
    root = max(roots, key=lambda each: len(roots[each]))
    session.subject.root = root
    costs = []
    for number in range(first, first + STEPS):
        session.subject.go_to(number)
        views.draw()
        where = session.subject.index.root_point(root, number)
        if where is not None:
            costs.append(views.click(where))
    return Cost.median(costs)


def copied(dataset: Path, subject: str, annotator: str, into: Path) -> Path:
    """A dataset with the same images and a copy of the annotator's work, as clicks change it."""
    markers = f"derivatives/markers-{annotator}"
    (into / "rawdata").symlink_to((dataset / "rawdata").resolve())
    shutil.copytree(dataset / markers / f"sub-{subject}", into / markers / f"sub-{subject}")
    return into


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--subject", required=True)
    parser.add_argument("--annotator", required=True)
    options = parser.parse_args()
    in_slicer = "slicer" in sys.modules and hasattr(sys.modules["slicer"], "app")
    with tempfile.TemporaryDirectory() as folder:
        dataset = copied(options.dataset, options.subject, options.annotator, Path(folder))
        costs = measure(InSlicer() if in_slicer else OffScreen(), dataset, options.subject, options.annotator)
    empty = costs[EMPTY]
    for name, cost in costs.items():
        ratio = f"{cost.wall / empty.wall:5.2f} {cost.cpu / empty.cpu:5.2f} x {EMPTY}"
        print(f"{name:<22} {1000 * cost.wall:7.1f} ms wall {1000 * cost.cpu:7.1f} ms processor  {ratio}", flush=True)
    if in_slicer:
        sys.modules["slicer"].util.exit(0)


if __name__ == "__main__":
    main()
