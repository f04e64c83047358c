"""Every output as BIDS has it: what the official validator says, where descriptions lead, what tables explain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from image_of_spine import image_of_spine
from raters_on_disk import put, shifted
from small_stack import SmallStack
from straight_spine import straight_spine
from test_surroundings import file_of as lead_file

from SpineRootLib import __version__
from SpineRootLib.anatomy import CONTOUR_STRUCTURES
from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import COMMANDS, main
from SpineRootLib.dataset_description import BIDS_VERSION, describe_raw, write_description
from SpineRootLib.images import write_image
from SpineRootLib.tables import read_columns_and_rows

# what writes into a dataset, and the derivative that it writes; adopt, import and phantom write datasets, to-nnunet as
# nnU-Net has it, queue one table
DERIVATIVES = {
    "trace": "traced",
    "check": "check",
    "compare": "agreement",
    "consensus": "markers",
    "model": "model",
    "mesh": "mesh",
    "fibres": "fibres",
    "sensitivity": "sensitivity",
    "quality": "anatqc",
    "labels": "labels",
    "strips": "strips",
    "from-labels": "markers-M",
    "centrelines": "centrelines",
    "score": "score",
}
PREDICTED = "--labels {labels}/sub-01/anat/sub-01_space-CISS_dseg.nii.gz"
# what labels writes besides its label map
EVERY_MAP = ("--numbers", "sct", "--each", "--soft", "--distance", "--heat")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, stack: SmallStack) -> Path:
    """A dataset in which every command has written its output where it belongs, and `run` has written all again."""
    root = tmp_path_factory.mktemp("study") / "dataset"
    ciss = root / "rawdata/sub-01/anat/sub-01_CISS.nii.gz"
    write_image(ciss, image_of_spine())
    describe_raw(root, root / "rawdata", "study")
    spine = straight_spine()
    for label, shift in (("A", 0.0), ("B", 0.3)):
        markers = put(root / "derivatives", shifted(spine, [0.0, shift, 0.0]), label, ciss=None)
        write_description(markers, f"Annotation by {label}")
    made = {kind: str(root / "derivatives" / name) for kind, name in DERIVATIVES.items()}
    _add_sparse_subject(root, stack)
    both, subject = [str(root / "derivatives" / f"markers-{label}") for label in "AB"], ["--subject", "01"]
    of_run = ["--participant-label", "01", "--steps"]
    on_image = [*subject, "--ciss", str(ciss)]
    short = lead_file(root.parent, length_mm=4.0, columns=[{"across_mm": 0.0, "along_mm": [0.0]}])
    lead = ["--lead", str(short), "--at", "L1"]
    for line in (
        ["trace", str(root), "--subject", "00", "--annotator", "T", "--segments", "L1 L2", "--out", made["trace"]],
        ["check", both[0], *on_image, "--out", f"{made['check']}/sub-01/sub-01_check-A.tsv"],
        ["consensus", *both, *on_image, "--out", made["consensus"]],
        ["compare", *both, *on_image, "--truth", made["consensus"], "--out", f"{made['compare']}/sub-01"],
        ["model", made["consensus"], *on_image, "--conforming", "--out", f"{made['model']}/sub-01"],
        ["mesh", made["consensus"], *on_image, "--mesher", "none", "--out", f"{made['mesh']}/sub-01"],
        ["fibres", made["consensus"], *on_image, "--out", f"{made['fibres']}/sub-01"],
        ["sensitivity", made["consensus"], *on_image, *lead, "--times", "1", "--out", f"{made['sensitivity']}/sub-01"],
        ["quality", str(root), *subject],
        ["strips", str(root), *subject],
        ["labels", made["consensus"], *on_image, "--out", f"{made['labels']}/sub-01/anat", *EVERY_MAP],
        ["score", made["consensus"], *on_image, *PREDICTED.format(**made).split(), "--out", f"{made['score']}/sub-01"],
        ["centrelines", made["consensus"], *on_image, "--out", f"{made['centrelines']}/sub-01"],
        ["run", str(root), str(root), "participant", *of_run, "compare"],
        ["run", str(root), str(root), "group"],
        ["run", str(root), str(root.parent / "elsewhere"), "participant", *of_run, "check"],
        [
            "from-labels",
            f"{made['labels']}/sub-01/anat/sub-01_space-CISS_dseg.nii.gz",
            *on_image,
            "--out",
            made["from-labels"],
        ],
        ["adopt", str(root), str(root.parent / "adopted")],
    ):
        assert main(line) == 0, line
    return root


def _add_sparse_subject(root: Path, stack: SmallStack) -> None:
    """Subject 00, of whom annotator T marked every fifth slice."""
    write_image(root / "rawdata/sub-00/anat/sub-00_CISS.nii.gz", stack.image)
    sparse = Annotation("00", "T", stack.planes, segments=("L1", "L2"))
    for number in (1, 6, 12):
        for each in stack.truth.roots:
            sparse.set_root_point(each, number, stack.truth.root_by_slice(each)[number])
        for structure in CONTOUR_STRUCTURES:
            sparse.set_contour(structure, number, stack.truth.contours_by_slice(structure)[number].points)
    write_annotation(root / "derivatives/markers-T", sparse)
    write_description(root / "derivatives/markers-T", "Annotation by T")


def test_a_command_that_writes_is_tried(study: Path) -> None:
    assert set(COMMANDS) == {*DERIVATIVES, "import", "phantom", "adopt", "run", "to-nnunet", "queue"}
    for name in DERIVATIVES.values():
        assert (study / "derivatives" / name / "dataset_description.json").is_file()


def test_the_official_validator_finds_no_error_in_any_output(study: Path) -> None:
    elsewhere = study.parent / "elsewhere"
    for place in (study, study / "rawdata", *(study / "derivatives").iterdir(), elsewhere):
        assert errors(place) == [], place.name


def test_the_official_validator_finds_no_error_in_what_was_adopted(study: Path) -> None:
    adopted = study.parent / "adopted"
    for place in (adopted, adopted / "rawdata", adopted / "derivatives" / "markers-A"):
        assert errors(place) == [], place.name


def test_the_official_validator_finds_no_error_in_a_phantom(small_phantom: Path) -> None:
    for place in (".", "rawdata", "derivatives/markers"):
        assert errors(small_phantom / place) == [], place


def test_the_official_validator_finds_no_error_in_results_that_lie_alone(study: Path, tmp_path: Path) -> None:
    markers = study / "derivatives" / "markers"
    line = ["labels", str(markers), "--subject", "01", "--ciss", str(study / "rawdata/sub-01/anat/sub-01_CISS.nii.gz")]
    assert main([*line, "--out", str(tmp_path), *EVERY_MAP]) == 0
    assert errors(tmp_path) == []


def descriptions(study: Path) -> list[Path]:
    return sorted((study / "derivatives").glob("*/dataset_description.json"))


def test_each_derivative_says_what_made_it(study: Path) -> None:
    assert len(descriptions(study)) >= len(DERIVATIVES)
    for path in descriptions(study):
        told = json.loads(path.read_text())
        assert (told["DatasetType"], told["BIDSVersion"]) == ("derivative", BIDS_VERSION)
        assert told["GeneratedBy"] == [{"Name": "SpineRoot", "Version": __version__}]


def test_sources_and_links_lead_to_the_datasets_that_they_name(study: Path) -> None:
    for path in descriptions(study):
        told = json.loads(path.read_text())
        links = [each["URL"] for each in told["SourceDatasets"]]
        assert sorted(links) == sorted(told["DatasetLinks"].values())
        for link in links:
            assert (path.parent / link / "dataset_description.json").is_file()
        assert (path.parent / told["DatasetLinks"]["raw"]).resolve() == study / "rawdata"
    agreement = json.loads((study / "derivatives/agreement/dataset_description.json").read_text())
    assert {"raw", "markers-A", "markers-B", "markers"} <= set(agreement["DatasetLinks"])


def test_a_label_map_leads_to_its_image(study: Path) -> None:
    labels = study / "derivatives" / "labels"
    told = json.loads((labels / "sub-01/anat/sub-01_space-CISS_dseg.json").read_text())
    start, name, inside = told["SpatialReference"].split(":")
    links = json.loads((labels / "dataset_description.json").read_text())["DatasetLinks"]
    assert start == "bids"
    assert (labels / links[name] / inside).is_file()


def test_every_column_of_every_table_is_explained_beside_it(study: Path, small_phantom: Path) -> None:
    tables = [path for root in (study, small_phantom) for path in root.rglob("*.tsv")]
    assert len(tables) >= 16
    for path in tables:
        told = json.loads(path.with_suffix(".json").read_text())
        for column in read_columns_and_rows(path)[0]:
            assert len(told[column]["Description"]) >= 3, f"{path.name}: {column}"


def test_other_readers_of_bids_find_every_derivative_and_subject(study: Path) -> None:
    bids2table = pytest.importorskip("bids2table", reason="bids2table is not installed (pip install bids2table)")
    datasets = sorted(Path(str(each)).name for each in bids2table.find_bids_datasets(str(study)))
    assert set(DERIVATIVES.values()) <= set(datasets)
    table = bids2table.index_dataset(str(study / "derivatives" / "labels"))
    rows = table.to_pylist()
    assert {(row["sub"], row["space"], row["suffix"]) for row in rows if row["ext"] == ".nii.gz"} >= {
        ("01", "CISS", "dseg")
    }


def test_pybids_finds_the_label_map_among_the_derivatives(study: Path) -> None:
    bids = pytest.importorskip("bids", reason="pybids is not installed (pip install pybids)")
    layout = bids.BIDSLayout(study / "rawdata", derivatives=[study / "derivatives" / "labels"], validate=False)
    found = layout.get(scope="derivatives", suffix="dseg", extension=".nii.gz")
    assert {each.get_entities()["subject"] for each in found} == {"01"}


def errors(folder: Path) -> list[dict[str, Any]]:
    """What the official validator calls an error in a dataset."""
    # what pip put beside this Python need not be on PATH
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    validator = shutil.which("bids-validator-deno", path=here)
    if validator is None:
        pytest.skip("no BIDS validator is installed (pip install bids-validator-deno)")
    command = [validator, str(folder), "--format", "json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = json.loads(said[said.index("{") :])["issues"]["issues"]
    assert found, "the validator always recommends something"
    return [issue for issue in found if issue["severity"] == "error"]
