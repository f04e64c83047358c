"""Run in Slicer by `make screenshots`: the tutorial, by the panels' own buttons and the mouse, with pictures.

Slicer --python-script tutorial.py FOLDER
"""

import faulthandler
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

import ctk
import numpy as np
import qt
import slicer

from SpineRootAnnotatorWidgets.self_test_drivers import add_test_drivers
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset

add_test_drivers("SpineRootAnnotator")
from mouse_and_keys import click_point  # noqa: E402

WINDOW = (1480, 900)
CLOSE_MM = 26.0  # what is seen across of a slice
BESIDE_STRIP_MM = 32.0  # the same in the narrower view beside a strip, so that names lie outside of the sac
SEEDS = 3  # clicks on a root before it is proposed onwards
STRAIGHTENED = Root("L4", "L")
RIGHT_MM = 0.5  # a proposal farther from the root is clicked anew


def wait(milliseconds: int = 300) -> None:
    """Let Slicer draw, and the panel do what is due."""
    loop = qt.QEventLoop()
    qt.QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def picture(out: Path, name: str, section: qt.QWidget) -> None:
    """Take a picture of the main window in which a section of the panel is seen."""
    section.collapsed = False
    wait()
    for area in slicer.util.findChildren(slicer.util.mainWindow(), className="QScrollArea"):
        if area.isAncestorOf(section):
            area.ensureWidgetVisible(section, 0, 0)
            area.verticalScrollBar().setValue(section.mapTo(area.widget(), qt.QPoint(0, 0)).y())
    wait()
    slicer.util.forceRenderAllViews()
    wait()
    slicer.util.mainWindow().grab().save(str(out / f"{name}.png"))
    print(f"{name}: {slicer.util.moduleSelector().selectedModule}", flush=True)


def click(name: str, ras: np.ndarray) -> None:
    """Click at a RAS point, (3,) mm, in a slice view, and let the panel follow."""
    click_point(ras, name)
    wait(50)


def click_row(view: qt.QTableView, row: int) -> None:
    """Click into a row of a table."""
    place = qt.QPointF(view.visualRect(view.model().index(row, 0)).center())
    for kind in (qt.QEvent.MouseButtonPress, qt.QEvent.MouseButtonRelease):
        event = qt.QMouseEvent(kind, place, qt.Qt.LeftButton, qt.Qt.LeftButton, qt.Qt.NoModifier)
        slicer.app.sendEvent(view.viewport(), event)
    wait()


def annotate(out: Path) -> None:
    """Steps 1 to 6."""
    slicer.util.selectModule("SpineRootAnnotator")
    panel = slicer.modules.SpineRootAnnotatorWidget
    panel.ui.annotatorEdit.text = "me"
    panel.ui.sampleButton.click()
    wait(1000)  # for the views, which are arranged and centred
    session = panel.session
    truth = Dataset.open(Path(panel.ui.datasetPath.currentPath)).read("01")
    ganglia(session, truth)
    picture(out, "annotator-ganglia", panel.ui.workSection)
    contours(session, truth)
    picture(out, "annotator-contours", panel.ui.workSection)
    session.perform("accept")
    roots(session, truth)
    picture(out, "annotator-roots", panel.ui.workSection)
    session.subject.root = STRAIGHTENED
    session.perform("strip")
    wait()
    session.subject.view.zoom_to(BESIDE_STRIP_MM)
    picture(out, "annotator-strip", panel.ui.workSection)
    session.perform("strip")
    session.perform("review")
    panel.ui.reviewSection.collapsed = False
    wait(3000)  # for the findings
    picture(out, "annotator-review", panel.ui.reviewSection)
    panel.ui.reviewSection.collapsed = True
    panel.ui.finishSection.collapsed = False
    wait()
    panel.ui.signOffButton.click()
    panel.ui.closeButton.click()  # what is marked is put away; the images stay


def ganglia(session: object, truth: Annotation) -> None:
    """Two clicks, then proposals, as far as they are right."""
    for number, (root, position) in enumerate(sorted(truth.ganglia.items())):
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *position)
        wait(50)
        if number >= 2:
            session.perform("propose")
            wait(50)
        session.perform("accept")
        if root not in session.subject.annotation.ganglia:
            click("Yellow", position)


def contours(session: object, truth: Annotation) -> None:
    """The dura and the cord, proposed from a click and from the slice before."""
    session.perform("contours")
    for structure in ("dura", "cord"):
        drawn = sorted(truth.contours_by_slice(structure))
        session.subject.go_to(drawn[0])
        session.perform("propose")
        wait(100)
        click("Red", truth.contours_by_slice(structure)[drawn[0]].points.mean(axis=0))
        for _number in drawn:
            session.perform("accept")
            session.perform("propose")
            wait(20)
        if structure == "dura":
            session.perform("next_structure")
    session.subject.go_to(lower_cord(truth))
    session.perform("delete")
    session.perform("propose")
    wait()


def lower_cord(truth: Annotation) -> int:
    """A slice on which the cord and many roots are seen."""
    return max(truth.contours_by_slice("cord")) - 4


def roots(session: object, truth: Annotation) -> None:
    """A few clicks on each root, then the rest as proposed."""
    session.perform("roots")
    for root in truth.expected_roots():
        course = truth.root_by_slice(root)
        session.subject.root = root
        for place, number in enumerate(course):
            session.subject.go_to(number)
            wait(20)
            if place == SEEDS:
                session.perform("propose")
                session.perform("accept_run")
            if number not in session.subject.annotation.root_by_slice(root):
                mark(session, course[number])
    session.subject.go_to(lower_cord(truth))
    wait()
    session.subject.view.zoom_to(CLOSE_MM)


def mark(session: object, position: np.ndarray) -> None:
    """Accept what is proposed on the slice if it is right, else click where the root is."""
    proposal = session.subject.proposals.get(session.subject.mode.place)
    if proposal is not None and np.linalg.norm(proposal.points[0] - position) < RIGHT_MM:
        session.perform("accept")
    else:
        click("Red", position)


def look_from_behind(zoom: float) -> None:
    """Turn the 3D view to the subject's back."""
    view = slicer.app.layoutManager().threeDWidget(0).threeDView()
    view.lookFromAxis(ctk.ctkAxesWidget.Posterior)
    view.resetFocalPoint()
    view.resetCamera()
    slicer.modules.cameras.logic().GetViewActiveCameraNode(view.mrmlViewNode()).GetCamera().Zoom(zoom)


def close_subject(out: Path) -> None:
    """Steps 7 to 10."""
    dataset = slicer.modules.SpineRootAnnotatorWidget.ui.datasetPath.currentPath
    slicer.util.selectModule("SpineRootModeler")
    panel = slicer.modules.SpineRootModelerWidget
    ui = panel.ui
    if ui.datasetPath.currentPath != dataset:
        print(f"The Modeler shows another dataset, {ui.datasetPath.currentPath}, not {dataset}", flush=True)
        ui.datasetPath.currentPath = dataset
    wait()
    for row in range(ui.annotatorsList.count):
        item = ui.annotatorsList.item(row)
        is_simulated = item.data(qt.Qt.UserRole) in ("A", "B")
        item.setCheckState(qt.Qt.Checked if is_simulated else qt.Qt.Unchecked)
    ui.compareButton.click()
    click_row(ui.agreementTable, 3)
    look_from_behind(1.3)
    wait(1000)  # for the chart, which takes its place
    look_from_behind(1.3)
    picture(out, "modeler-compare", ui.compareSection)
    click_row(ui.disagreementsTable, open_row(panel.session.comparison.discussion))
    look_from_behind(1.3)
    picture(out, "modeler-discuss", ui.discussSection)
    next(iter(panel.discuss.answers.values())).click()
    ui.annotatorSelector.currentIndex = ui.annotatorSelector.findData("as-discussed")
    ui.buildButton.click()
    for row in range(ui.shownList.count):
        ui.shownList.item(row).setCheckState(qt.Qt.Unchecked)
    click_row(ui.modelTable, 0)
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalWidescreenView)
    wait()
    look_from_behind(1.5)
    picture(out, "modeler-surfaces", ui.surfacesSection)
    print(panel.session.message, flush=True)


def open_row(discussion: Any) -> int:
    """The first row of a slice that nobody has settled."""
    places = (row.first.place for row in discussion.rows)
    return next(n for n, place in enumerate(places) if place.slice is not None and not discussion.resolution(place))


def main() -> None:
    """Walk the tutorial; Slicer's exit status tells whether it went to its end."""
    faulthandler.dump_traceback_later(float(os.environ.get("SPINEROOT_SAY_WHERE_AFTER_S", "3600")), file=2)
    out = Path(sys.argv[1])
    slicer.mrmlScene.GetCacheManager().SetRemoteCacheDirectory(tempfile.mkdtemp())  # as on a new computer
    slicer.util.mainWindow().resize(*WINDOW)
    slicer.util.setDataProbeVisible(False)
    slicer.util.setStatusBarVisible(False)
    annotate(out)
    close_subject(out)


try:
    main()
    slicer.util.exit(0)
except Exception:
    traceback.print_exc()
    slicer.util.exit(1)
