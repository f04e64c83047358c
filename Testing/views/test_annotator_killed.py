"""An annotator whose Slicer is killed in the middle of the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from SpineRootLib.annotation_files import read_annotation

# Works as an annotator does, at an annotator's pace and with the module's own timing, and says after each click what is
# marked by then and when.
_WORK = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from headless.opengl import use_offscreen_window
use_offscreen_window()
from headless.application import start
start()
from annotator_at_work import AnnotatorAtWork
from headless.slice_view import SliceView
from SpineRootAnnotatorLib.settings import Pace
from SpineRootLib.dataset import Dataset

dataset, rescue = Path(sys.argv[1]), Path(sys.argv[2])
truth = Dataset.open(dataset).read("01")
annotator = AnnotatorAtWork(SliceView(), SliceView("Green", "Coronal"), rescue, Pace())
annotator.session.open(dataset, "01", "C")
session, red = annotator.session, annotator.red
session.perform("roots")
for root in truth.roots:
    while session.subject.root != root:
        session.press("Tab")
    for number, point in truth.root_by_slice(root).items():
        session.subject.go_to(number)
        session.subject.display.centre()
        red.click(red.pixel(point))
        print(root, number, time.time(), flush=True)
        for _ in range(2):
            time.sleep(0.05)
            session.tick()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_kill_in_the_middle_loses_at_most_the_last_second(dataset, tmp_path, annotator):
    testing = Path(__file__).resolve().parents[1]
    paths = [str(testing), str(testing.parent / "SpineRootAnnotator")]
    command = [sys.executable, "-c", _WORK, str(dataset), str(tmp_path / "rescue"), *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = [process.stdout.readline() for _ in range(30)]
        process.send_signal(signal.SIGKILL)
        killed = time.time()
        said += process.stdout.read().splitlines()
    marked = [line.split() for line in said if line.strip()]
    due = {(root, int(number)) for root, number, moment in marked if killed - float(moment) > 1.0}
    assert len(due) > 5

    markers = dataset / "derivatives" / "markers-C"
    found = read_annotation(markers, "01")
    on_disk = {(str(root), number) for root in found.roots for number in found.root_by_slice(root)}
    assert due <= on_disk
    assert list((markers / "sub-01").glob(".*")) == [], "nothing half-written is left where it could be read"

    annotator.open(dataset)
    again = annotator.subject
    assert {(str(r), n) for r in again.annotation.roots for n in again.annotation.root_by_slice(r)} == on_disk
    assert again.mode.name == "roots"
    last = max((int(n) for r, n, moment in marked if (r, int(n)) in due), key=lambda n: n)
    assert abs(again.number - last) <= 30
    assert np.isfinite(again.annotation.roots[again.root]).all()
