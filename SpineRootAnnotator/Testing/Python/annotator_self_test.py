"""The self-test in a running Slicer: an annotator's hour with the sample subject, by clicks, keys and buttons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer
from intake_self_test import take_in
from mouse_and_keys import click_point, pause, press, press_key, reload_scene, wait_for
from panel_self_test import look_at_panel, press_with_nothing_chosen

from SpineRootAnnotatorLib.work.autosave import SaveState
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.dataset import Dataset

_TRACED = Root("L3", "L")
_CLICKED = 5  # slices on which the root is marked by hand


def annotate_sample(case: Any, panel: Any, folder: Path) -> None:
    """Annotate a sample subject made anew in `folder`, and read what was saved; `case` is the unittest case."""
    cache = slicer.mrmlScene.GetCacheManager()
    kept_folder, kept_annotator = cache.GetRemoteCacheDirectory(), panel.ui.annotatorEdit.text
    cache.SetRemoteCacheDirectory(str(folder))
    try:
        _annotate(case, panel, folder)
    finally:
        panel.session.close()
        cache.SetRemoteCacheDirectory(kept_folder)
        panel.ui.annotatorEdit.text = kept_annotator


def _annotate(case: Any, panel: Any, folder: Path) -> None:
    ui, session = panel.ui, panel.session
    press_with_nothing_chosen(case, panel)
    ui.annotatorEdit.text = "me"
    live: list[bool] = []  # whether anything else could be begun while the sample was made
    qt.QTimer.singleShot(0, lambda: live.extend((ui.sampleButton.enabled, ui.openButton.enabled)))
    press(ui.sampleButton)
    case.assertEqual(live, [False, False])
    case.assertTrue(session.is_open, session.message)
    pause()
    dataset = Dataset.open(Path(ui.datasetPath.currentPath))
    truth = dataset.read("01")

    look_at_panel(case, panel)
    take_in(case, panel, truth, folder)
    _place_ganglion(case, panel, truth)
    marked = _trace_root(case, panel, truth)
    _undo_and_redo(case, panel, marked)
    _click_on_the_strip(case, panel, marked)
    _step_past_the_review(case, panel)
    _draw_dura(case, panel, truth)
    _ask_the_logic(case, panel)
    case.assertTrue(wait_for(lambda: session.save_state is SaveState.SAVED), ui.saveLabel.text)
    reload_scene(folder / "scene.mrb")
    case.assertTrue(session.is_open, "the saved scene opens with the subject")
    case.assertEqual(sorted(session.subject.annotation.root_by_slice(_TRACED)), marked)

    ui.finishSection.collapsed = False
    slicer.app.processEvents()
    case.assertGreater(ui.incompleteList.count, 0)
    case.assertEqual(ui.incompleteList.horizontalScrollBar().maximum, 0, "what is incomplete is read whole")
    press(ui.signOffButton)
    slicer.mrmlScene.Clear()
    slicer.app.processEvents()
    case.assertTrue(ui.messageLabel.text.startswith("The scene was closed"), ui.messageLabel.text)
    case.assertFalse(ui.subjectSection.collapsed, "another subject can be opened at once")
    saved = read_annotation(dataset.markers("me"), "01", truth.planes)
    case.assertEqual(sorted(saved.root_by_slice(_TRACED)), marked)
    case.assertEqual((len(saved.dura), len(saved.ganglia)), (1, 1))
    case.assertTrue(saved.provenance.signed_off)


def _place_ganglion(case: Any, panel: Any, truth: Annotation) -> None:
    """The first ganglion, which is asked for when a subject is opened for the first time."""
    subject = panel.session.subject
    case.assertEqual(subject.mode.name, "ganglia")
    root = subject.root
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *truth.ganglia[root])
    slicer.app.processEvents()
    click_point(truth.ganglia[root], "Yellow")
    case.assertLess(np.linalg.norm(subject.annotation.ganglia[root] - truth.ganglia[root]), 1.5)


def _trace_root(case: Any, panel: Any, truth: Annotation) -> list[int]:
    """A root: clicks, a proposal, a run of proposals; the slices on which it is marked then."""
    subject = panel.session.subject
    press(panel.ui.rootsButton)
    while subject.root != _TRACED:
        press_key("Tab")
    root = subject.root
    course = truth.root_by_slice(root)
    for number in list(course)[:_CLICKED]:
        subject.go_to(number)
        slicer.app.processEvents()
        click_point(course[number])
    case.assertEqual(sorted(subject.annotation.root_by_slice(root)), sorted(course)[:_CLICKED])
    case.assertTrue(wait_for(lambda: subject.proposals.has(subject.mode.place)), "the next point is proposed")
    press_key("A")
    case.assertEqual(len(subject.annotation.root_by_slice(root)), _CLICKED + 1)
    press_key("Q")
    press_key("Shift+A")
    marked = subject.annotation.root_by_slice(root)
    case.assertGreater(len(marked), _CLICKED + 1, panel.session.message)
    case.assertLess(max(np.linalg.norm(marked[number] - course[number]) for number in marked if number in course), 1.0)
    return sorted(marked)


def _undo_and_redo(case: Any, panel: Any, marked: list[int]) -> None:
    """The run is one step, the proposal that was accepted another."""
    subject, ui = panel.session.subject, panel.ui
    counts = []
    for _ in range(2):
        press(ui.undoButton)
        counts.append(len(subject.annotation.root_by_slice(subject.root)))
    case.assertEqual(counts, [_CLICKED + 1, _CLICKED])
    for _ in range(2):
        press(ui.redoButton)
    case.assertEqual(sorted(subject.annotation.root_by_slice(subject.root)), marked)


def _click_on_the_strip(case: Any, panel: Any, marked: list[int]) -> None:
    """The root straightened beside its slice: a click there moves its point, and leads to its slice."""
    subject, number = panel.session.subject, marked[1]
    press_key("Z")
    pause()
    case.assertIsNotNone(subject.strip.marked, panel.session.message)
    before, strip = subject.annotation.root_by_slice(_TRACED)[number], subject.strip.marked.strip
    place = strip.to_strip(before)[0][0] + [0.6, 0.0]
    click_point(subject.strip.view.ras_of(strip, place)[0], subject.strip.view.name)
    case.assertEqual(subject.number, number)
    moved = strip.to_strip(subject.annotation.root_by_slice(_TRACED)[number])[0][0]
    case.assertLess(abs(moved[0] - place[0]), 0.3, "a pixel or two")
    press(panel.ui.undoButton)
    case.assertLess(np.linalg.norm(subject.annotation.root_by_slice(_TRACED)[number] - before), 1e-6)
    press_key("Z")
    pause()
    case.assertFalse(slicer.app.layoutManager().sliceWidget(subject.strip.view.name).visible)


def _step_past_the_review(case: Any, panel: Any) -> None:
    """A step draws in the review section the line of the slice, and nothing else anew; an edit does."""
    subject, review = panel.session.subject, panel.reviewing
    panel.ui.reviewSection.collapsed = False
    press(panel.ui.contoursButton)
    pause()
    shown: list[str] = []
    kept = review.matrix.show_coverage, review.order.show_order
    review.matrix.show_coverage = lambda *given: (shown.append("matrix"), kept[0](*given))
    review.order.show_order = lambda *given: (shown.append("order"), kept[1](*given))
    press_key("D")
    pause()
    case.assertEqual(shown, [])
    press(panel.ui.undoButton)
    press(panel.ui.redoButton)
    case.assertEqual(set(shown), {"matrix", "order"})
    review.matrix.show_coverage, review.order.show_order = kept
    panel.ui.reviewSection.collapsed = True
    case.assertEqual(subject.mode.name, "roots", "redo goes to where the edit is")


def _ask_the_logic(case: Any, panel: Any) -> None:
    """What another module gets of the subject, and what the scene remembers of it, typed."""
    logic = slicer.util.getModuleLogic("SpineRootAnnotator")
    case.assertIs(logic.session, panel.session)
    case.assertEqual(len(logic.annotation().dura), 1)
    case.assertTrue(wait_for(lambda: logic.getParameterNode().mode == "contours"))
    remembered = logic.getParameterNode()
    case.assertEqual((remembered.subject, remembered.annotator), ("01", "me"))
    case.assertEqual(remembered.dataset, Path(panel.ui.datasetPath.currentPath))
    case.assertEqual(remembered.slice, panel.session.subject.number)


def _draw_dura(case: Any, panel: Any, truth: Annotation) -> None:
    """A contour proposed from a click inside of the fluid."""
    subject = panel.session.subject
    press(panel.ui.contoursButton)
    number, contour = next(iter(sorted(truth.contours_by_slice("dura").items())))
    subject.go_to(number)
    slicer.app.processEvents()
    press_key("Q")
    click_point(contour.points.mean(axis=0))
    press_key("A")
    case.assertEqual(list(subject.annotation.contours_by_slice("dura")), [number])
