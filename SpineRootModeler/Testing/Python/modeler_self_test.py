"""The self-test in a running Slicer: the hour of whoever closes a subject, by the panel's own buttons."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from mouse_and_keys import click_point, click_row, pause, press, press_key, reload_scene
from panel_self_test import be_read_in_the_dark, fit_large_fonts, survive_a_broken_panel

from SpineRootLib.annotation import Annotation
from SpineRootLib.dataset import Dataset
from SpineRootLib.phantom import PhantomSettings, write_phantom

_CARD_PX = 400  # what answers may need across: the panel has that without them


def close_sample(case: Any, widget: Any, folder: Path) -> None:
    """Close a synthetic subject with two annotators in `folder`; `case` is the unittest case."""
    dataset = folder / "dataset"
    write_phantom(dataset, "01", PhantomSettings.small(), 1, ["A", "B"])
    shutil.rmtree(dataset / "derivatives" / "markers")
    _press_with_nothing_chosen(case, widget)
    widget.ui.datasetPath.currentPath = str(dataset)
    widget.ui.subjectSelector.currentText = "01"
    _see_a_sign_off(case, widget, dataset / "derivatives" / "markers-B" / "sub-01" / "sub-01_annotation.json")
    _compare(case, widget)
    _discuss(case, widget)
    _keep_the_head_in_sight(case, widget)
    fit_large_fonts(case, widget.ui, ("subject", "compare", "discuss", "surfaces", "export", "cohort", "quality"))
    be_read_in_the_dark(case, widget.ui)
    _keep_narrow_when_names_are_asked_for(case, widget)
    survive_a_broken_panel(case, widget)
    reload_scene(dataset / "scene.mrb")
    widget.session.tick()
    case.assertEqual(widget.ui.subjectSelector.currentText, "01", "the panel names what is open")
    case.assertIn("sub-01", widget.ui.headlineLabel.text)
    parameters = slicer.util.getModuleLogic("SpineRootModeler").getParameterNode()
    case.assertEqual((parameters.dataset, parameters.subject), (str(dataset), "01"), "other modules read the same")
    case.assertEqual(widget.session.comparison.comparison.raters.labels, ("A", "B"), "the saved scene opens with them")
    agreed = _agree(case, widget, dataset)
    _build(case, widget, agreed)
    _export(case, widget, dataset / "derivatives" / "model" / "sub-01")
    press(widget.ui.cohortButton)
    case.assertEqual(widget.whole.cohort.subjects, ["01"], widget.session.message)
    slicer.mrmlScene.Clear()
    case.assertFalse(widget.session.is_open)


def _press_with_nothing_chosen(case: Any, widget: Any) -> None:
    """Whoever presses a button before anything is chosen reads what to choose."""
    ui = widget.ui
    ui.datasetPath.currentPath = ""
    for button in (ui.openButton, ui.compareButton, ui.buildButton, ui.cohortButton, ui.qualityButton):
        widget.session.say("")
        press(button)
        case.assertEqual(widget.session.message, "Choose the dataset's folder first.", button.objectName)


def _see_a_sign_off(case: Any, widget: Any, sidecar: Path) -> None:
    """An annotator who signs off while the panel is open can be compared as soon as the module is shown again."""
    signed = sidecar.read_text(encoding="utf-8")
    sidecar.write_text(json.dumps({**json.loads(signed), "SignOff": None}), encoding="utf-8")
    widget.subject.list_again()
    case.assertIn("not signed off", widget.ui.annotatorsList.item(1).text())
    sidecar.write_text(signed, encoding="utf-8")
    slicer.util.selectModule("Data")
    slicer.util.selectModule("SpineRootModeler")
    case.assertNotIn("not signed off", widget.ui.annotatorsList.item(1).text())


def _compare(case: Any, widget: Any) -> None:
    """The table and the chart, and the way from both to a place."""
    ui, session = widget.ui, widget.session
    press(ui.compareButton)
    case.assertEqual(session.comparison.comparison.raters.labels, ("A", "B"), session.message)
    case.assertGreater(ui.agreementTable.model().rowCount(), 20)
    click_row(ui.agreementTable, 0)
    case.assertIsNotNone(session.comparison.slices_chart.structure.root)
    bars = session.comparison.roots_chart.chart.node.GetNthPlotSeriesNode(0)
    session.go_to_mark(bars.GetID(), 6)
    case.assertEqual(str(session.comparison.slices_chart.structure.root), "S2_L")
    _click_mark(case, widget)


def _click_mark(case: Any, widget: Any) -> None:
    """A click on an annotator's point in the slice selects the row of its root."""
    ui, session = widget.ui, widget.session
    marks, view = session.comparison.comparison.raters.marks["B"], session.comparison.subject.view
    place = next(place for place in sorted(marks) if place.root is not None and place.slice is not None)
    view.go_to(place.slice)
    view.zoom_to(24.0)
    view.centre_on(marks[place][0] + [5.0, 0.0, 0.0])
    click_point(marks[place][0], view.name)
    case.assertEqual(session.comparison.gone_to, place, session.message)
    row = ui.agreementTable.model().mapToSource(ui.agreementTable.currentIndex()).row()
    case.assertEqual(session.comparison.table.places[row], place.without_slice)


def _discuss(case: Any, widget: Any) -> None:
    """One annotator's mark is taken and given back; a point is placed anew by a click."""
    ui, session = widget.ui, widget.session
    listed = session.comparison.discussion.rows
    click_row(ui.disagreementsTable, 0)
    before, who = ui.byEdit.text, "jl01"
    _settle_as(ui, who)
    press(widget.discuss.answers["A"])
    taken = session.comparison.discussion.resolution(listed[0].first.place)
    case.assertEqual((taken.take, taken.by), ("A", who), session.message)
    _settle_as(ui, before)
    press(ui.undoButton)
    case.assertIsNone(session.comparison.discussion.resolution(listed[0].first.place))
    press_key("N")
    case.assertNotEqual(session.comparison.current.place, listed[0].first.place, "the next place that is open")

    firsts = [each.first.place for each in listed]
    row = next(row for row, place in enumerate(firsts) if place.root is not None and place.slice is not None)
    click_row(ui.disagreementsTable, row)
    wanted = session.comparison.current.position
    press(ui.placeButton)
    click_point(wanted)
    settled = session.comparison.discussion.resolution(firsts[row])
    case.assertEqual(settled.take, "corrected", session.message)
    case.assertLess(np.linalg.norm(settled.points[0] - wanted), 1.0)


def _keep_the_head_in_sight(case: Any, widget: Any) -> None:
    """What is open, the button that cancels and the message are seen whatever is opened and scrolled below."""
    ui = widget.ui
    ui.exportSection.collapsed = False
    pause()
    bar = ui.sectionsArea.verticalScrollBar()
    bar.setValue(bar.maximum)
    pause()
    case.assertGreater(bar.value, 0, "there is more than fits")
    for part in (ui.headlineLabel, ui.cancelButton, ui.messageLabel):
        case.assertEqual(part.visibleRegion().boundingRect().height(), part.height, part.objectName)
    sideways = ui.sectionsArea.horizontalScrollBar()
    case.assertEqual(sideways.maximum, 0, "nothing has to be scrolled sideways")


def _keep_narrow_when_names_are_asked_for(case: Any, widget: Any) -> None:
    """The answers about exchanged names, which are long, and what is said of them make the panel no wider."""
    ui = widget.ui
    widget.discuss.offer(("exchange in A", "exchange in B", "names are right"), can_settle=True)
    pause(0.2)
    case.assertFalse(ui.placeButton.isVisibleTo(ui.answersWidget), "names are not placed by a click")
    case.assertLess(ui.answersWidget.minimumSizeHint.width(), _CARD_PX)
    before = ui.sectionsWidget.sizeHint.width()
    ui.saidLabel.text = " ".join(["longer"] * 60)
    pause(0.2)
    case.assertEqual(ui.sectionsWidget.sizeHint.width(), before, "a long sentence neither")
    widget.discuss.refresh()
    case.assertTrue(ui.placeButton.isVisibleTo(ui.answersWidget))


def _settle_as(ui: Any, who: str) -> None:
    ui.byEdit.text = who
    ui.byEdit.editingFinished()


def _agree(case: Any, widget: Any, dataset: Path) -> Annotation:
    widget.ui.acceptCheckBox.checked = True
    press(widget.ui.consensusButton)
    agreed = Dataset.open(dataset).read("01")
    case.assertEqual(len(agreed.roots), 14, widget.session.message)
    return agreed


def _build(case: Any, widget: Any, agreed: Annotation) -> None:
    """The surfaces lie in place, and keep the colours that a user gave them when they are built again."""
    ui, session = widget.ui, widget.session
    ui.annotatorSelector.currentIndex = ui.annotatorSelector.findData("")
    press(ui.buildButton)
    case.assertGreaterEqual(len(session.nodes), 16, session.message)
    dura = slicer.util.getNode("sub-01_dura")
    drawn = np.concatenate([contour.points for contour in agreed.dura])
    case.assertLess(np.abs(slicer.util.arrayFromModelPoints(dura).mean(axis=0)[:2] - drawn.mean(axis=0)[:2]).max(), 2.0)
    dura.GetDisplayNode().SetColor(0.1, 0.2, 0.3)
    _change_the_subject_while_building(case, widget)
    case.assertEqual(slicer.util.getNode("sub-01_dura").GetDisplayNode().GetColor(), (0.1, 0.2, 0.3))


def _change_the_subject_while_building(case: Any, widget: Any) -> None:
    """While surfaces are built nothing but the button that cancels can be pressed; afterwards all can."""
    ui, locked = widget.ui, []

    def look(change: Any) -> None:
        if change.name == "WORK" and widget.session.long_work.is_running:
            locked.append((ui.buildButton.enabled, ui.subjectSelector.enabled, ui.cancelButton.enabled))

    widget.session.on_change.append(look)
    press(ui.buildButton)
    widget.session.on_change.remove(look)
    case.assertEqual(locked, [(False, False, True)])
    case.assertTrue(ui.buildButton.enabled and not ui.cancelButton.enabled)


def _export(case: Any, widget: Any, folder: Path) -> None:
    """The format that is ticked besides, the report and the label map."""
    for box in (widget.ui.stlCheckBox, widget.ui.labelsCheckBox):
        box.checked = True
    press(widget.ui.saveButton)
    written = {path.name for path in folder.iterdir()}
    wanted = {"sub-01_dura.vtp", "sub-01_dura.stl", "sub-01_model.json", "sub-01_space-CISS_dseg.nii.gz"}
    case.assertEqual(wanted - written, set(), widget.session.message)
    press(widget.ui.segmentationButton)
    segmentation = slicer.util.getNode("SpineRoot sub-01").GetSegmentation()
    case.assertTrue(segmentation.GetSegmentIdBySegmentName("nerveroots_L3_L"))
    case.assertIn("for a PACS load the annotated series", widget.session.message)
