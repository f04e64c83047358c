"""The schemas of the page on file formats hold for what is written, and find what is not like it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.cohort.steps import STEPS
from SpineRootLib.commands import main

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (pip install jsonschema)")

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "Documentation" / "schemas"


def validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def faults(name: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two annotators, of whom everything was made."""
    root = tmp_path_factory.mktemp("study")
    for label, shift in (("A", 0.0), ("B", 0.3)):
        put(root / "derivatives", shifted(straight_spine(count=12, cord_slices=6), [0.0, shift, 0.0]), label)
    assert main(["run", str(root), str(root), "participant"]) == 0
    return root


def written(study: Path, small_phantom: Path, name: str) -> list[Path]:
    """The files to which a schema applies."""
    patterns = {"annotation": "*_annotation.json", "model": "*_model.json", "run": "*_run.json"}
    markers = [path for root in (study, small_phantom) for path in root.glob("derivatives/markers*/sub-01/*.json")]
    if name == "markups":
        return [path for path in markers if not path.name.endswith("_annotation.json")]
    return [*small_phantom.rglob(patterns[name]), *study.rglob(patterns[name])]


@pytest.mark.parametrize("name", ["markups", "annotation", "model", "run"])
def test_what_is_written_is_as_its_schema_says(study: Path, small_phantom: Path, name: str) -> None:
    found = written(study, small_phantom, name)
    assert found
    for path in found:
        assert faults(name, json.loads(path.read_text(encoding="utf-8"))) == [], path.name


def test_what_a_program_is_told_is_as_its_schema_says(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    markers = str(study / "derivatives" / "markers-A")
    assert main(["check", markers, "--subject", "01", "--json-lines"]) == 0
    assert main(["check", markers, "--subject", "99", "--json-lines"]) == 2
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["event"] for each in told} == {"progress", "result", "fault"}
    for each in told:
        assert faults("progress", each) == []


DIGEST = "0" * 64
# what is written only where controls, repeats, label maps of the scene or a weighted consensus are
SELDOM: dict[str, Any] = {
    "RepeatOf": "A",
    "Controls": {
        **{"Share": 0.1, "WholeRoots": 0.5, "Seed": 20},
        **{"Roots": ["L1_L"], "Slices": {"dura": [1, 2], "nerveroots_L2_R": [7]}},
    },
    "LabelMaps": [
        {"File": "a.nii.gz", "SHA256": DIGEST, "Program": "SCT", "Table": "sct"},
        {"File": "Segmentation", "VoxelSHA256": DIGEST, "Program": "SCT", "Table": "sct"},
    ],
    "Structures": {
        "nerveroots_L1_L": {
            "Points": {"4": {"Origin": "placed", "Proposal": [[1.0, 2.0, 3.0]], "Unaided": True, "Uncertainty": 0.12}}
        }
    },
}


def test_what_is_seldom_written_is_as_the_schema_says_and_a_fault_in_it_is_found() -> None:
    assert faults("annotation", SELDOM) == []
    mark = ["Structures", "nerveroots_L1_L", "Points", "4"]
    wrong: list[tuple[list[Any], Any]] = [
        *((["RepeatOf"], "A 2"), (["Controls", "Roots"], ["L1"]), (["LabelMaps", 1, "VoxelSHA256"], "1234")),
        *(([*mark, "Proposal"], [[1.0]]), ([*mark, "Unaided"], "yes"), ([*mark, "Uncertainty"], -0.1)),
    ]
    for path, value in wrong:
        assert len(faults("annotation", spoilt(SELDOM, path, value))) == 1, path


def test_a_run_of_all_steps_is_recorded_as_the_schema_says(study: Path) -> None:
    (path,) = study.rglob("*_run.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    assert set(record["seconds"]) == set(STEPS)
    assert faults("run", record) == []


def spoilt(document: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """A copy with another value at a place."""
    other = copy.deepcopy(document)
    inner = other
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return other


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("markups", ["markups", 0, "coordinateSystem"], "RAS"),
        ("markups", ["markups", 0, "controlPoints", 0, "label"], "F-1"),
        ("markups", ["markups", 0, "controlPoints", 0, "position"], [1.0, 2.0]),
        ("annotation", ["SignOff"], True),
        ("annotation", ["Images", "CISS", "SHA256"], "1234"),
        ("model", ["surfaces", "dura", "watertight"], "yes"),
        ("model", ["files", "sub-01_dura.vtp"], "1234"),
        ("run", ["status"], "perhaps"),
    ],
)
def test_what_is_not_like_it_is_found(study: Path, small_phantom: Path, name: str, path: list[Any], value: Any) -> None:
    document = json.loads(written(study, small_phantom, name)[-1].read_text(encoding="utf-8"))
    assert faults(name, document) == []
    assert len(faults(name, spoilt(document, path, value))) == 1


def test_every_schema_is_named_on_the_page_of_file_formats() -> None:
    page = (ROOT / "Documentation" / "file-formats.md").read_text(encoding="utf-8")
    for path in SCHEMAS.glob("*.json"):
        assert f"(schemas/{path.name})" in page
