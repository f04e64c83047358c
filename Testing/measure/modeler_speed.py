"""How fast the modeler's session is: comparing, building, one root while it is edited, rotating the model.

    python Testing/measure/modeler_speed.py DATASET --subject 03 --annotators A B
    Slicer --no-splash --python-script Testing/measure/modeler_speed.py DATASET --subject 03 --annotators A B

In Slicer the panel's own buttons are pressed; without it the session is called and the views are drawn off screen, the
3D view 1000 x 800. Prints medians; the figures of one run belong together.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / each) for each in ("Testing", "Testing/measure", "SpineRootAnnotator", "SpineRootModeler")]

from annotator_speed import Cost  # noqa: E402
from annotator_speed import OffScreen as SliceViews  # noqa: E402

ROTATION = (1000, 800)
TURNS, STILL = 40, 8
STEP = 5  # pixels of the pointer's way from frame to frame


class Hand:
    """Turns a 3D view by the mouse: while a button is held views are drawn otherwise than standing still."""

    def __init__(self, interactor: Any):
        self._interactor = interactor
        self._x, self._y = (each // 2 for each in ROTATION)

    def press(self) -> None:
        """Press the left button in the middle of the view."""
        self._tell("LeftButtonPressEvent")

    def turn(self) -> None:
        """Move the pointer a little."""
        self._x += STEP
        self._tell("MouseMoveEvent")

    def release(self) -> None:
        """Release the button."""
        self._tell("LeftButtonReleaseEvent")

    def _tell(self, event: str) -> None:
        self._interactor.SetEventInformation(self._x, self._y, 0, 0, "\0", 0, "")
        self._interactor.InvokeEvent(event)


class OffScreen(SliceViews):
    """Three slice views and a 3D view off screen, as in Slicer's four-up layout."""

    def __init__(self) -> None:
        super().__init__()
        import slicer

        from headless.three_d_view import ThreeDView
        from SpineRootModelerLib.session import ModelSession

        self.space = ThreeDView("1", ROTATION)
        self.session = ModelSession(slicer.mrmlScene)

    def open(self, dataset: Path, subject: str) -> None:
        """Open a subject."""
        self.session.open_subject(dataset, subject)

    def draw(self) -> None:
        """Draw all views."""
        for view in (*self.views, self.space):
            view.render()

    def compare(self, labels: list[str]) -> None:
        """Compare annotators."""
        self.session.compare(labels)

    def build(self, source: str) -> None:
        """Build the surfaces."""
        self.session.source = source
        self.session.build()

    def before_turning(self) -> Hand:
        """The 3D view has its size; the session watches it, as the panel has it."""
        self.session.turning.listen(self.space.interactor)
        return Hand(self.space.interactor)

    def frame(self) -> None:
        """Draw the 3D view."""
        self.space.render()


class InSlicer:
    """A running Slicer and the module's panel, by its buttons."""

    def __init__(self) -> None:
        import slicer

        self._slicer = slicer
        slicer.util.mainWindow().resize(1920, 1060)
        slicer.util.selectModule("SpineRootModeler")
        self._widget = slicer.modules.SpineRootModelerWidget
        self._ui, self.session = self._widget.ui, self._widget.session
        self.draw()

    def open(self, dataset: Path, subject: str) -> None:
        """Open a subject."""
        self._ui.datasetPath.currentPath = str(dataset)
        self._ui.subjectSelector.currentText = subject
        self._ui.openButton.click()

    def draw(self) -> None:
        """Let Slicer draw what it wants drawn."""
        self._slicer.util.forceRenderAllViews()
        self._slicer.app.processEvents()

    def compare(self, labels: list[str]) -> None:
        """Tick the annotators and press the button."""
        from SpineRootModelerWidgets.panel import checked_data

        ticked = checked_data(self._ui.annotatorsList)
        assert ticked == labels, f"ticked are {ticked}"
        self._ui.compareButton.click()

    def build(self, source: str) -> None:
        """Choose the source and press the button."""
        self._ui.annotatorSelector.currentIndex = self._ui.annotatorSelector.findData(source)
        self._ui.buildButton.click()
        assert self.session.nodes, self.session.message

    def before_turning(self) -> Hand:
        """Show the model alone, in 3D."""
        self._slicer.app.layoutManager().setLayout(self._slicer.vtkMRMLLayoutNode.SlicerLayoutOneUp3DView)
        view = self._slicer.app.layoutManager().threeDWidget(0).threeDView()
        view.setFixedSize(*ROTATION)
        self.draw()
        size = view.renderWindow().GetSize()
        assert size == ROTATION, size
        return Hand(view.interactor())

    def frame(self) -> None:
        """Draw the 3D view."""
        self._slicer.app.layoutManager().threeDWidget(0).threeDView().forceRender()


def measure(views: Any, dataset: Path, subject: str, labels: list[str], repeats: int) -> dict[str, Cost]:
    """What each thing takes, by name; the first time is the first of its kind in this process."""
    from SpineRootModelerLib.session import DISCUSSED

    views.open(dataset, subject)
    views.draw()
    costs = {"compare, first": shown(views, lambda: views.compare(labels))}
    costs["compare"] = middle([shown(views, lambda: views.compare(labels)) for _ in range(repeats)])
    costs["model, first"] = shown(views, lambda: views.build(DISCUSSED))
    costs["model"] = middle([shown(views, lambda: views.build(DISCUSSED)) for _ in range(repeats)])
    views.session.settings.live = True
    views.session.work.prepare_live()
    costs["live root"], costs["live root, drawn"] = live(views, 3 * repeats)
    hand = views.before_turning()
    costs["still frame"] = middle([Cost.of(views.frame) for _ in range(STILL)])
    hand.press()
    costs["turning frame"] = middle([Cost.of(lambda: (hand.turn(), views.frame())) for _ in range(TURNS)])
    hand.release()
    return costs


def shown(views: Any, act: Any) -> Cost:
    """Something until all views show it."""
    return Cost.of(lambda: (act(), views.draw()))


def live(views: Any, count: int) -> tuple[Cost, Cost]:
    """Settling one root's point after the other with one annotator's mark, until its root is on the scene, and drawn.

    Drawing is that of all views at once, whatever changed in them.
    """
    comparison = views.session.comparison
    rows = comparison.discussion.rows
    listed = [number for number, each in enumerate(rows) if each.first.place.root is not None]
    rebuilt, drawn = [], []
    for index in (listed * count)[:count]:
        comparison.discuss(index)
        views.draw()
        rebuilt.append(Cost.of(lambda: comparison.take(comparison.comparison.raters.labels[0])))
        last, drawing = rebuilt[-1], Cost.of(views.draw)
        drawn.append(Cost(last.wall + drawing.wall, last.cpu + drawing.cpu))
    return middle(rebuilt), middle(drawn)


def middle(costs: list[Cost]) -> Cost:
    """The median of each."""
    from statistics import median

    return Cost(median(each.wall for each in costs), median(each.cpu for each in costs))


def copied(dataset: Path, subject: str, labels: list[str], into: Path) -> Path:
    """A dataset with the same images and a copy of the annotators' work: what is settled is written beside it."""
    import shutil

    (into / "rawdata").symlink_to((dataset / "rawdata").resolve())
    for label in labels:
        markers = f"derivatives/markers-{label}"
        shutil.copytree(dataset / markers / f"sub-{subject}", into / markers / f"sub-{subject}")
    return into


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--subject", required=True)
    parser.add_argument("--annotators", nargs="+", required=True)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    in_slicer = "slicer" in sys.modules and hasattr(sys.modules["slicer"], "app")
    with tempfile.TemporaryDirectory() as folder:
        dataset = copied(options.dataset, options.subject, options.annotators, Path(folder))
        views = InSlicer() if in_slicer else OffScreen()
        costs = measure(views, dataset, options.subject, options.annotators, options.repeats)
    for name, cost in costs.items():
        print(f"{name:<16} {1000 * cost.wall:7.1f} ms wall {1000 * cost.cpu:7.1f} ms processor", flush=True)
    turning, still = (1 / costs[f"{kind} frame"].wall for kind in ("turning", "still"))
    print(f"{turning:.1f} frames a second turning, {still:.1f} still, at {ROTATION[0]} x {ROTATION[1]}")
    if in_slicer:
        sys.modules["slicer"].util.exit(0)


if __name__ == "__main__":
    main()
