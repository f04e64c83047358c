"""The self-test in a running Slicer: the steps of an annotator, with the mouse events of a real slice view."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from SpineRootAnnotatorWidgets.sample import make_sample
from SpineRootLib.annotation_files import read_annotation
from SpineRootLib.dataset import Dataset


def annotate_sample(case: Any, panel: Any, folder: Path) -> None:
    """Annotate a copy of the sample subject in `folder`, and read what was saved; `case` is the unittest case."""
    dataset = folder / "SpineRootSelfTest"
    shutil.rmtree(dataset, ignore_errors=True)
    shutil.copytree(make_sample(), dataset)
    shutil.rmtree(dataset / "derivatives" / "markers-T", ignore_errors=True)
    truth = Dataset.open(dataset).read("01")
    session = panel.session
    session.open(dataset, "01", "T")
    case.assertEqual(session.subject.mode.name, "ganglia")

    session.perform("roots")
    root = session.subject.root
    course = truth.root_by_slice(root)
    for number, point in list(course.items())[:5]:
        session.subject.go_to(number)
        slicer.app.processEvents()
        click(point)
    slicer.app.processEvents()
    marked = session.subject.annotation.root_by_slice(root)
    case.assertEqual(sorted(marked), sorted(course)[:5])
    case.assertLess(max(np.linalg.norm(marked[number] - course[number]) for number in marked), 0.5)

    session.perform("undo")
    case.assertEqual(len(session.subject.annotation.root_by_slice(root)), 4)
    session.perform("redo")
    session.close()
    saved = read_annotation(dataset / "derivatives" / "markers-T", "01", truth.planes)
    case.assertEqual(sorted(saved.root_by_slice(root)), sorted(course)[:5])


def click(ras: Any) -> None:
    """Click at a RAS point in the red view, through its interactor."""
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    matrix = np.linalg.inv(slicer.util.arrayFromVTKMatrix(view.mrmlSliceNode().GetXYToRAS()))
    x, y = (matrix @ [*ras, 1.0])[:2]
    interactor = view.interactor()
    interactor.SetEventInformation(round(x), round(y), 0, 0, "\0", 0, "")
    for event in ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent"):
        interactor.InvokeEvent(event)
