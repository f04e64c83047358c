"""A short run of the crash kit (``Testing/crash/kit.py``): kills and faults at random points of an annotator's hour."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from links import link_or_copy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "crash"))
import kit  # noqa: E402

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL, and copies of a process")


def test_at_most_the_last_second_is_lost_and_every_file_is_whole(small_phantom, tmp_path):
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    outcomes = kit.run(tmp_path, kills=4, faults=6, seed=3, busy=True)
    assert [fault for outcome in outcomes for fault in outcome.faults] == []
    assert sum(outcome.edits for outcome in outcomes) > 50
    # how many of the planted faults were reached is the machine's affair
    assert any(outcome.raised for outcome in outcomes)


@pytest.fixture
def annotators(small_phantom, tmp_path):
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    shutil.copytree(small_phantom / "derivatives" / "markers-A", tmp_path / "derivatives" / "markers-A")
    made = kit.Annotators.__new__(kit.Annotators)
    made.dataset = tmp_path
    made._planes = kit.read_planes(tmp_path / "rawdata/sub-01/anat/sub-01_CISS.nii.gz")
    return made


def version(at, points, flags=()):
    return {
        "file": "sub-01_ganglions_L3_L.json",
        "place": "ganglions_L3_L",
        "at": at,
        "points": points,
        "flags": [*flags],
    }


def test_the_kit_finds_what_is_older_than_a_second_and_not_on_the_disk(annotators):
    path = annotators._folder("A") / "sub-01_ganglions_L3_L.json"
    on_disk = kit._points_in(path)
    later = [[1.0, 2.0, 3.0]]
    assert annotators._lost("A", [version(0.0, on_disk), version(5.0, later)], 5.9) == []
    (lost,) = annotators._lost("A", [version(0.0, on_disk), version(5.0, later)], 6.1)
    assert "sub-01_ganglions_L3_L.json" in lost
    (lost,) = annotators._lost("A", [version(5.0, on_disk, ["uncertain"])], 6.1)
    assert "flagged" in lost
    path.unlink()
    assert annotators._lost("A", [version(5.0, later)], 5.9) == []
    assert len(annotators._lost("A", [version(5.0, later)], 6.1)) == 1


def test_the_kit_finds_a_file_that_is_not_whole(annotators):
    path = annotators._folder("A") / "sub-01_ganglions_L3_L.json"
    assert annotators._not_whole("A") == []
    path.write_bytes(path.read_bytes()[:-40])
    assert any("not whole" in fault for fault in annotators._not_whole("A"))
