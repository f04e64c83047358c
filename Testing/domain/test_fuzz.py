"""Every reader takes whatever a file may hold: it reads it or refuses it with one sentence, and never falls over.

Each reader is tried for ``SPINEROOT_FUZZ_SECONDS`` (2 by default); the files are the same in every run.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from damaged_files import damaged, distorted
from straight_spine import straight_spine
from straight_subject import PLANES, contour, straight_subject

from SpineRootLib.agreement.resolutions import Resolutions
from SpineRootLib.agreement.tables import AGREEMENT
from SpineRootLib.anatomy import CORD, DEFAULT_SEGMENTS, DURA
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.checks import check
from SpineRootLib.cohort.group import read_runs
from SpineRootLib.cohort.job import SubjectJob, already_done
from SpineRootLib.cohort.report import Report, write_html
from SpineRootLib.cohort.summary import read_agreements, summarize
from SpineRootLib.dataset import Dataset
from SpineRootLib.dicom_import.rules import DEFAULT_RULES, load_rules
from SpineRootLib.errors import SpineRootError
from SpineRootLib.images import Image, describe_image, read_image, write_image
from SpineRootLib.markups import read_markup
from SpineRootLib.quality import SliceQuality, read_quality
from SpineRootLib.quality.cohort import cohort_rows
from SpineRootLib.quality.subject import COLUMNS
from SpineRootLib.surfaces import build_model
from SpineRootLib.surfaces.rendering import RenderingSettings, read_view_from_behind, write_rendering
from SpineRootLib.tables import read_table, write_table

SECONDS = float(os.environ.get("SPINEROOT_FUZZ_SECONDS", "2"))
SIDECAR = {
    "Annotator": "A",
    "Images": {"CISS": {"File": "a.nii.gz", "Shape": [4, 5, 40], "Affine": np.diag([1.0, 1, 2, 1]).tolist()}},
    "Structures": {"dura_1": {"Seconds": 2.5, "Points": {"1": {"Flags": ["uncertain"], "Remark": "?"}}}},
    "SignOff": {"By": "A", "Date": "2026-01-02"},
}
RESOLUTIONS = {
    "CoordinateSystem": "RAS",
    "Resolutions": [
        {"Place": "nerveroots_L1_L:7", "Take": "A", "Said": {"A": [[1, 2, 3]], "B": None}},
        {"Place": "ganglions_L1_L", "Take": "corrected", "Points": [[1, 2, 3]], "By": "A"},
    ],
    "Superseded": [{"Place": "nerveroots_L1_L:7", "Take": "B"}],
}


def chances() -> Iterator[random.Random]:
    """Chances of known seeds until the time is up; at least twenty."""
    end = time.monotonic() + SECONDS
    seed = 0
    while seed < 20 or time.monotonic() < end:
        yield random.Random(seed)
        seed += 1


def survives(path: Path, contents: Iterator[bytes], read: Callable[[Path], object]) -> int:
    """How many of the files could be read; any fault but a sentence with the file's name fails the test."""
    read_well = 0
    for seed, content in enumerate(contents):
        path.write_bytes(content)
        with np.errstate(all="ignore"):
            try:
                read(path)
                read_well += 1
            except SpineRootError as error:
                assert "\n" not in str(error).strip(), f"seed {seed}: {error}"
            except Exception as error:
                pytest.fail(f"seed {seed} ends in {type(error).__name__}: {error} ({content[:200]!r}...)")
    return read_well


def a_few_slices() -> Annotation:
    """Four slices of a subject: quick to read and to check."""
    whole = straight_subject()
    few = Annotation("01", planes=PLANES, segments=("L1", "L2"))
    for structure, size in ((DURA, 9.0), (CORD, 3.0)):
        few.contours[structure] = [contour(size, size - 1, number) for number in range(10, 14)]
    few.roots = {root: whole.roots[root][4:12] for root in few.expected_roots()}
    few.ganglia = {root: whole.ganglia[root] for root in few.expected_roots()}
    return few


@pytest.fixture
def subject(tmp_path):
    """A folder of strict files with a sidecar."""
    write_annotation(tmp_path, a_few_slices(), durable=False)
    (tmp_path / "sub-01" / "sub-01_annotation.json").write_text(json.dumps(SIDECAR))
    return tmp_path / "sub-01"


def read_and_check(path: Path) -> None:
    check(read_annotation(path.parent, "01"))


@pytest.mark.parametrize("name", ["sub-01_dura_11.json", "sub-01_nerveroots_L1_L.json", "sub-01_annotation.json"])
def test_a_subject_with_a_distorted_file_is_checked_or_refused(subject, name):
    path = subject / name
    document = json.loads(path.read_text())
    read_well = survives(path, (json.dumps(distorted(document, each)).encode() for each in chances()), read_and_check)
    assert read_well > 0


def test_a_damaged_markups_file_is_read_or_refused(subject):
    path = subject / "sub-01_nerveroots_L1_L.json"
    content = path.read_bytes()
    survives(path, (damaged(content, each) for each in chances()), read_markup)


def test_a_damaged_sidecar_is_read_or_refused(subject):
    path = subject / "sub-01_annotation.json"
    content = path.read_bytes()
    survives(path, (damaged(content, each) for each in chances()), read_and_check)


def test_a_damaged_table_is_read_or_refused(tmp_path):
    path = write_table(tmp_path / "a.tsv", ["a", "b"], [{"a": number, "b": "x"} for number in range(9)])
    content = path.read_bytes()
    survives(path, (damaged(content, each) for each in chances()), read_table)


def test_a_damaged_table_of_agreement_is_read_or_refused(tmp_path):
    row = {"structure": "nerveroots", "segment": "L1", "side": "L", "n_matched": 7, "n_only_a": 1, "n_only_b": 0}
    rows = [{**row, "mean_mm": 0.5}, {**row, "structure": "dura", "segment": None, "side": None}]
    path = write_table(tmp_path / "sub-01_agreement.tsv", AGREEMENT, rows)
    content = path.read_bytes()
    contents = (damaged(content, each) for each in chances())
    survives(path, contents, lambda path: summarize(list(read_agreements([path])), DEFAULT_SEGMENTS))


def test_a_damaged_table_of_image_quality_is_read_or_refused(tmp_path):
    rows = [SliceQuality("CISS", number, 3.5, 2.5, 400, 50, 0.4, "sac", "") for number in range(1, 9)]
    path = write_table(tmp_path / "sub-01_iqm.tsv", COLUMNS, map(asdict, rows))
    content = path.read_bytes()
    contents = (damaged(content, each) for each in chances())
    survives(path, contents, lambda path: list(cohort_rows({"01": read_quality(path)}, 1.5)))


def test_a_damaged_record_of_a_run_is_read_or_left_out(tmp_path):
    record = {
        "subject": "01",
        "status": "done",
        "message": "",
        "seconds": {"compare": 1.5},
        "files": ["a"],
        "asked": {},
    }
    results = Dataset(tmp_path)
    job = SubjectJob(tmp_path, tmp_path, "01", ("compare",))
    job.record.parent.mkdir()

    def read(_path: Path) -> None:
        already_done(job)
        write_html(tmp_path / "report.html", Report([], [], [], [], read_runs(results, [])))

    contents = (json.dumps(distorted(record, each)).encode() for each in chances())
    assert survives(job.record, contents, read) > 0
    content = json.dumps(record).encode()
    survives(job.record, (damaged(content, each) for each in chances()), read)


def test_a_damaged_picture_is_read_or_refused(tmp_path):
    small = RenderingSettings(pixels_per_mm=2.0)
    path = write_rendering(build_model(straight_spine()), tmp_path / "sub-01_model.png", small)
    content = path.read_bytes()
    survives(path, (damaged(content, each) for each in chances()), lambda each: read_view_from_behind(each, small))


def test_distorted_and_damaged_resolutions_are_read_or_refused(tmp_path):
    path = tmp_path / "resolutions.json"
    content = json.dumps(RESOLUTIONS).encode()
    survives(path, (damaged(content, each) for each in chances()), Resolutions.read)
    survives(path, (json.dumps(distorted(RESOLUTIONS, each)).encode() for each in chances()), Resolutions.read)


def test_distorted_conversion_rules_are_read_or_refused(tmp_path):
    rules = json.loads(DEFAULT_RULES.read_text(encoding="utf-8"))
    contents = (json.dumps(distorted(rules, each)).encode() for each in chances())
    survives(tmp_path / "rules.json", contents, load_rules)


def look_at(path: Path) -> None:
    describe_image(path)
    read_image(path).planes()


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "header"])
def test_a_damaged_image_is_read_or_refused(tmp_path, packed):
    image = Image(np.arange(120, dtype=np.int16).reshape(4, 5, 6), np.diag([0.5, 0.5, 2.0, 1.0]))
    whole = write_image(tmp_path / "whole.nii.gz", image).read_bytes()
    header, voxels = gzip.decompress(whole)[:352], gzip.decompress(whole)[352:]

    def contents() -> Iterator[bytes]:
        for chance in chances():
            if packed:
                yield damaged(whole, chance)
            else:
                with contextlib.suppress(IndexError):
                    yield damaged(header, chance)[:352].ljust(352, b"\0") + voxels

    survives(tmp_path / ("a.nii.gz" if packed else "a.nii"), contents(), look_at)
