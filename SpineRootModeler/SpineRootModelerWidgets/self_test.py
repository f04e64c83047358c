"""The self-test in a running Slicer: the hour of whoever closes a subject, by the panel's own buttons."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer

from SpineRootLib.dataset import Dataset
from SpineRootLib.phantom import PhantomSettings, write_phantom


def close_sample(case: Any, widget: Any, folder: Path) -> None:
    """Close a synthetic subject with two annotators in `folder`; `case` is the unittest case."""
    dataset = folder / "SpineRootModelerSelfTest"
    shutil.rmtree(dataset, ignore_errors=True)
    write_phantom(dataset, "01", PhantomSettings.small(), 1, ["A", "B"])
    shutil.rmtree(dataset / "derivatives" / "markers")
    ui, session = widget.ui, widget.session
    ui.datasetPath.currentPath = str(dataset)
    ui.subjectSelector.currentText = "01"

    _press(ui.compareButton)
    case.assertEqual(session.comparison.comparison.raters.labels, ("A", "B"), session.message)
    case.assertGreater(ui.agreementTable.model().rowCount(), 20)
    _click_row(ui.agreementTable, 0)
    case.assertIsNotNone(session.comparison.slices_chart.whole.root)

    bars = session.comparison.roots_chart.chart.node.GetNthPlotSeriesNode(0)
    session.go_to_mark(bars.GetID(), 6)
    case.assertEqual(str(session.comparison.slices_chart.whole.root), "S2_L")

    listed = session.comparison.discussion.disagreements
    _click_row(ui.disagreementsTable, 0)
    _press(ui.takeButton)
    case.assertEqual(session.comparison.discussion.resolution(listed[0].place).take, "A", session.message)
    _press(ui.undoButton)
    case.assertIsNone(session.comparison.discussion.resolution(listed[0].place))
    ui.acceptCheckBox.checked = True
    _press(ui.consensusButton)
    agreed = Dataset.open(dataset).read("01")
    case.assertEqual(len(agreed.roots), 14, session.message)

    ui.annotatorSelector.currentIndex = ui.annotatorSelector.findData("")
    _press(ui.buildButton)
    case.assertGreaterEqual(len(session.nodes), 16, session.message)
    dura = slicer.util.getNode("sub-01_dura")
    drawn = np.concatenate([contour.points for contour in agreed.dura])
    case.assertLess(np.abs(slicer.util.arrayFromModelPoints(dura).mean(axis=0)[:2] - drawn.mean(axis=0)[:2]).max(), 2.0)
    dura.GetDisplayNode().SetColor(0.1, 0.2, 0.3)
    _press(ui.buildButton)
    case.assertEqual(slicer.util.getNode("sub-01_dura").GetDisplayNode().GetColor(), (0.1, 0.2, 0.3))

    _press(ui.saveButton)
    written = dataset / "derivatives" / "model" / "sub-01"
    case.assertTrue((written / "sub-01_dura.vtp").exists(), session.message)
    _press(ui.cohortButton)
    case.assertEqual(widget.whole.cohort.subjects, ["01"], session.message)
    slicer.mrmlScene.Clear()
    case.assertFalse(session.is_open)


def _press(button: Any) -> None:
    button.click()
    slicer.app.processEvents()


def _click_row(view: Any, row: int) -> None:
    """Click into a row of a table, as the mouse does."""
    index = view.model().index(row, 0)
    _click(view.viewport(), qt.QPointF(view.visualRect(index).center()))


def _click(widget: Any, place: Any) -> None:
    for kind in (qt.QEvent.MouseButtonPress, qt.QEvent.MouseButtonRelease):
        event = qt.QMouseEvent(kind, place, qt.Qt.LeftButton, qt.Qt.LeftButton, qt.Qt.NoModifier)
        slicer.app.sendEvent(widget, event)
    slicer.app.processEvents()
