"""Subjects that were scanned in several sessions: each is worked on as a subject is that has none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from image_of_spine import COUNT, image_of_spine
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import DatasetError, ImageFileError
from SpineRootLib.images import describe_image, write_image
from SpineRootLib.naming import (
    MarkupsName,
    check_own,
    parse_markups_name,
    participant_label,
    split_label,
    subject_label,
    subject_path,
)


def in_session(session: str, shift: float = 0.0):
    """The straight spine as it was scanned in a session of subject 01."""
    spine = shifted(straight_spine(count=COUNT), [0.0, shift, 0.0])
    spine.subject = f"01_ses-{session}"
    return spine


def add_session(root: Path, session: str) -> None:
    """A session of subject 01: an image, and two annotators 0.3 mm apart."""
    folder = root / "rawdata" / "sub-01" / f"ses-{session}" / "anat"
    image = write_image(folder / f"sub-01_ses-{session}_CISS.nii.gz", image_of_spine(int(session)))
    for label, shift in (("A", 0.0), ("B", 0.3)):
        put(root / "derivatives", in_session(session, shift), label, ciss=describe_image(image))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Subject 01 in two sessions, and subject 02 without any."""
    root = tmp_path / "dataset"
    add_session(root, "01")
    add_session(root, "02")
    spine = straight_spine(count=COUNT)
    spine.subject = "02"
    put(root / "derivatives", spine, "A", ciss=None)
    return root


def test_a_label_carries_its_session():
    assert subject_label("sub-01_ses-02") == subject_label("01_ses-02") == "01_ses-02"
    assert split_label("sub-01_ses-02") == ("01", "02")
    assert split_label("01") == ("01", None)
    for wrong in ("01_ses-", "_ses-01", "01_ses-0/1", "01_ses-01_ses-02", "01_run-1"):
        with pytest.raises(DatasetError):
            subject_label(wrong)
    with pytest.raises(DatasetError):
        participant_label("01_ses-02")


def test_folder_and_file_names_of_a_session_are_those_of_the_contract(tmp_path: Path):
    assert subject_path(tmp_path, "01_ses-02") == tmp_path / "sub-01" / "ses-02"
    name = MarkupsName("01_ses-02", "dura", number=1)
    assert name.file_name() == "sub-01_ses-02_dura_1.json"
    assert parse_markups_name("sub-01_ses-02_dura_1.json") == name
    assert parse_markups_name("sub_01_ses_02_dura_1.mrk.json") == name


def test_an_annotation_of_a_session_survives_the_round_trip(tmp_path: Path):
    spine = in_session("01")
    write_annotation(tmp_path, spine)
    assert (tmp_path / "sub-01" / "ses-01" / "sub-01_ses-01_dura_1.json").is_file()
    back = read_annotation(tmp_path, "01_ses-01")
    assert back.subject == "01_ses-01"
    assert back.roots.keys() == spine.roots.keys()
    assert [finding.rule for finding in back.findings] == []


def test_a_dataset_lists_its_sessions_and_finds_what_belongs_to_them(dataset: Path):
    opened = Dataset.open(dataset)
    assert opened.subjects() == ["01_ses-01", "01_ses-02", "02"]
    assert opened.annotators("01_ses-01") == ["A", "B"]
    assert opened.image("01_ses-02", "CISS") == dataset / "rawdata/sub-01/ses-02/anat/sub-01_ses-02_CISS.nii.gz"
    assert opened.derivative("model", "01_ses-02") == dataset / "derivatives/model/sub-01/ses-02"
    assert opened.read("01_ses-02", "B").annotator == "B"


def test_what_lies_beside_the_sessions_is_a_subject_as_well(dataset: Path):
    before = straight_spine(count=COUNT)
    put(dataset / "derivatives", before, "C", ciss=None)
    assert Dataset.open(dataset).subjects() == ["01", "01_ses-01", "01_ses-02", "02"]


def test_an_image_of_another_session_is_refused():
    check_own(Path("sub-01_ses-01_CISS.nii.gz"), "01_ses-01")
    check_own(Path("sub-01_CISS.nii.gz"), "01_ses-01")
    with pytest.raises(ImageFileError, match="is an image of sub-01_ses-02, not of sub-01_ses-01"):
        check_own(Path("sub-01_ses-02_CISS.nii.gz"), "01_ses-01")


COMMANDS = ("check", "compare", "consensus", "model", "labels", "quality")


def start(dataset: Path, command: str, *more: str) -> int:
    out = dataset.parent / "out" / command
    markers = [str(dataset / "derivatives" / f"markers-{label}") for label in "AB"]
    image = dataset / "rawdata/sub-01/ses-02/anat/sub-01_ses-02_CISS.nii.gz"
    arguments = {
        "check": [markers[0]],
        "compare": [*markers, "--out", str(out)],
        "consensus": [*markers, "--out", str(out)],
        "model": [markers[0], "--radius", "0.3", "--out", str(out)],
        "labels": [markers[0], "--ciss", str(image), "--out", str(out)],
        "quality": [str(dataset), "--out", str(out)],
    }
    return main([command, *arguments[command], *more])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("named", [("--subject", "01", "--session", "02"), ("--subject", "sub-01_ses-02")])
def test_every_command_works_on_a_session(dataset: Path, command: str, named: tuple[str, ...]):
    assert start(dataset, command, *named) == 0
    written = [path for path in (dataset.parent / "out").rglob("sub-*") if path.is_file()]
    assert all(path.name.startswith("sub-01_ses-02_") for path in written)
    if command == "consensus":
        assert (dataset.parent / "out/consensus/sub-01/ses-02/sub-01_ses-02_nerveroots_L1_L.json").is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_one_of_several_sessions_is_asked_for(dataset: Path, command: str, capsys: pytest.CaptureFixture[str]):
    assert start(dataset, command, "--subject", "01") == 2
    assert "holds several sessions of sub-01 (01, 02): name one with --session" in capsys.readouterr().err


def test_the_only_session_is_taken(tmp_path: Path):
    add_session(tmp_path / "dataset", "02")
    assert start(tmp_path / "dataset", "quality", "--subject", "01") == 0
    document = json.loads((tmp_path / "out/quality/sub-01_ses-02_iqm.json").read_text())
    assert document["Images"] == {"CISS": "sub-01_ses-02_CISS.nii.gz"}


def test_a_session_that_is_not_there_is_told(dataset: Path, capsys: pytest.CaptureFixture[str]):
    assert start(dataset, "check", "--subject", "01", "--session", "07") == 2
    assert "holds no markups of sub-01_ses-07" in capsys.readouterr().err


def test_run_works_on_every_session_and_the_cohort_names_them(dataset: Path):
    out = dataset.parent / "out"
    command = ["run", str(dataset), str(out), "participant", "--participant-label", "01"]
    assert main(command) == 0
    for session in ("01", "02"):
        derivatives, stem = out / "derivatives", f"sub-01_ses-{session}"
        for kind, ending in (("agreement", "_agreement.tsv"), ("model", "_model.json"), ("anatqc", "_iqm.tsv")):
            assert (derivatives / kind / "sub-01" / f"ses-{session}" / f"{stem}{ending}").is_file()
            assert (derivatives / kind / "dataset_description.json").is_file()
        assert json.loads((out / "logs" / f"{stem}_run.json").read_text())["status"] == "done"
    assert main(["run", str(dataset), str(out), "group"]) == 0
    table = (out / "derivatives/group/group_agreement.tsv").read_text()
    assert "sub-01_ses-01\t" in table
    assert "sub-01_ses-02\t" in table


def test_run_takes_the_sessions_that_are_asked_for(dataset: Path, capsys: pytest.CaptureFixture[str]):
    out = dataset.parent / "out"
    command = ["run", str(dataset), str(out), "participant", "--steps", "check"]
    assert main([*command, "--session-label", "02"]) == 0
    assert [path.name for path in (out / "logs").glob("*.json")] == ["sub-01_ses-02_run.json"]
    assert main([*command, "--session-label", "07"]) == 2
    assert "holds no session 07" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["phantom", "import"])
def test_sessions_are_refused_where_they_are_not_made(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]):
    folders = [str(tmp_path)] if command == "phantom" else [str(tmp_path), str(tmp_path / "dataset")]
    with pytest.raises(SystemExit):
        main([command, *folders, "--subject", "01_ses-01"])
    assert "'01_ses-01' is no subject label: letters and digits only" in capsys.readouterr().err
