from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pydicom")
pytest.importorskip("dcm2bids")

from dicom_series import (
    CISS,
    CORONAL,
    DESS,
    IDENTITY,
    LOCALIZER,
    T2TSE,
    station,
    study,
    write_in_one_file,
    write_series,
)
from outcomes import tree

from SpineRootLib.commands import main
from SpineRootLib.dataset import Dataset
from SpineRootLib.dicom_import import KEPT_FIELDS, ImportSettings, conversion, import_subject, preview_import
from SpineRootLib.errors import DatasetError, DicomError
from SpineRootLib.images import read_image
from SpineRootLib.tables import read_table, write_table

WHOLE = (LOCALIZER, CISS, DESS, station(8, 0), station(9, 1), T2TSE)


@pytest.fixture(scope="module")
def dicom(tmp_path_factory):
    return study(tmp_path_factory.mktemp("dicom"), *WHOLE)


@pytest.fixture(scope="module")
def imported(dicom, tmp_path_factory):
    root = tmp_path_factory.mktemp("imported") / "dataset"
    return root, import_subject(dicom, root, "03")


@pytest.mark.parametrize("name, scan", [("CISS", CISS), ("DESS", DESS), ("T2TSE", T2TSE)])
def test_every_voxel_keeps_its_place_and_value(imported, name, scan):
    image = read_image(Dataset.open(imported[0]).image("03", name))
    index = np.indices(scan.shape).reshape(3, -1)
    written = (scan.affine_ras() @ np.vstack([index, np.ones(index.shape[1])]))[:3].T
    read = np.round(image.index_of(written)).astype(int)
    assert np.abs(image.ras_of(read) - written).max() < 1e-4
    assert np.array_equal(image.voxels[tuple(read.T)], scan.voxels()[tuple(index)])
    assert image.voxels.size == np.prod(scan.shape)


def test_the_dataset_has_what_bids_asks_for(imported):
    root, report = imported
    assert read_table(root / "rawdata/participants.tsv") == [{"participant_id": "sub-03"}]
    assert json.loads((root / "rawdata/dataset_description.json").read_text())["DatasetType"] == "raw"
    assert {path.relative_to(root).as_posix() for path in report.files} == set(tree(root))
    assert json.loads((root / "rawdata/sub-03/anat/sub-03_CISS.json").read_text())["EchoTime"] == pytest.approx(0.0031)


def test_nothing_tells_who_was_scanned(imported):
    words = {word for text in IDENTITY.values() for word in text.replace("^", " ").split() if len(word) > 3}
    words -= {"Spine", "Street", "late", "came", "Lane", "Doctor", "Operator", "Hospital"}
    for name, content in tree(imported[0]).items():
        content = gzip.decompress(content) if name.endswith(".gz") else content
        # neither the person, nor the day and time of the scan
        for word in (*words, "20190412", "102233"):
            assert word.encode().lower() not in content.lower(), (name, word)


def test_a_sidecar_has_fields_of_the_list_alone(imported):
    for path in imported[0].rglob("sub-03_*.json"):
        fields = set(json.loads(path.read_text()))
        assert fields <= set(KEPT_FIELDS)
        assert {"EchoTime", "RepetitionTime", "FlipAngle", "MagneticFieldStrength", "SequenceName"} <= fields
    assert {"InstitutionName", "StationName", "StudyDescription"} <= set(imported[1].removed)


# Of what BIDS defines for MRI: where and with which scanner, how persons were hidden, what is written freely, and what
# belongs to other images or to other people's work on them.
LEFT_OUT = {
    *("InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName", "StationName", "DeviceSerialNumber"),
    *("DeidentificationMethod", "DeidentificationMethodCodeSequence", "BodyPartDetails", "BodyPartDetailsOntology"),
    *("AnatomicalLandmarkCoordinates", "B0FieldSource"),
}


def test_the_list_has_what_bids_defines_for_mri_but_for_what_could_tell_who_or_where():
    schemas = sorted(Path(pytest.importorskip("dcm2bids").__file__).parent.rglob("bids_schema*.json"))
    if not schemas:
        pytest.skip("this version of dcm2bids brings no schema of BIDS")
    groups = json.loads(schemas[-1].read_text(encoding="utf-8"))["rules"]["sidecars"]["mri"].values()
    defined = {name.split("__")[0] for group in groups for name in group["fields"]}
    assert defined - set(KEPT_FIELDS) == LEFT_OUT & defined
    assert not LEFT_OUT & set(KEPT_FIELDS)


def test_a_series_that_was_named_after_the_person_loses_its_name(tmp_path):
    named = replace(CISS, description="CISS of Zanzibar").with_tags(
        ProtocolName="t2_ci3d", SequenceName="*ci3d Zanzibar"
    )
    report = import_subject(study(tmp_path / "dicom", named), tmp_path / "dataset", "03")
    sidecar = json.loads((tmp_path / "dataset/rawdata/sub-03/anat/sub-03_CISS.json").read_text())
    assert not {"SeriesDescription", "ProtocolName", "SequenceName"} & set(sidecar)
    assert report.plan.series[0].description == "CISS of ***"


def test_a_short_name_is_a_word_of_its_own(tmp_path):
    folder = tmp_path / "dicom"
    write_series(folder, CISS, {**IDENTITY, "PatientName": "Ci^T"})
    import_subject(folder, tmp_path / "dataset", "03")
    sidecar = json.loads((tmp_path / "dataset/rawdata/sub-03/anat/sub-03_CISS.json").read_text())
    assert sidecar["SequenceName"] == "*ci3d1"


def test_the_preview_says_what_becomes_of_every_series_and_writes_nothing(dicom):
    before = tree(dicom)
    plan = preview_import(dicom)
    assert [(one.key, one.target) for one in plan.series] == [
        ("1", ""),
        ("5", "anat/CISS"),
        ("6", "anat/DESS"),
        ("8", ""),
        ("9", ""),
        ("12", "anat/T2TSE"),
    ]
    assert [one.slices for one in plan.chosen] == [6, 8, 5]
    assert "composed as series 12" in plan.left_over[1].remark
    assert plan.faults == () and plan.remarks == ()
    assert tree(dicom) == before


def test_stations_that_were_not_composed_are_kept_apart_from_the_head_down(tmp_path):
    folder = study(tmp_path / "dicom", CISS, station(9, 0), station(8, 1))
    report = import_subject(folder, tmp_path / "dataset", "03")
    names = {one.key: one.target for one in report.plan.chosen}
    assert names == {"5": "anat/CISS", "9": "anat/chunk-1_T2TSE", "8": "anat/chunk-2_T2TSE"}
    assert any("2 stations" in remark for remark in report.plan.remarks)
    anat = tmp_path / "dataset/rawdata/sub-03/anat"
    heights = [read_image(anat / f"sub-03_chunk-{k}_T2TSE.nii.gz").affine[2, 3] for k in (1, 2)]
    assert heights[0] - heights[1] == pytest.approx(15.0)


def test_a_repeated_scan_is_ambiguous_until_one_is_chosen(tmp_path):
    folder = study(tmp_path / "dicom", CISS, replace(CISS, number=7))
    assert preview_import(folder).faults == ("series 5, 7 all fit CISS: choose one",)
    with pytest.raises(DicomError, match="choose one"):
        import_subject(folder, tmp_path / "dataset", "03")
    assert not (tmp_path / "dataset").exists()
    plan = preview_import(folder, ImportSettings(choices={"CISS": "7"}))
    assert [one.key for one in plan.chosen] == ["7"]


def test_a_choice_goes_before_the_rules(dicom):
    plan = preview_import(dicom, ImportSettings(choices={"DESS": "5"}))
    assert {one.key: one.image for one in plan.chosen} == {"5": "DESS", "12": "T2TSE"}
    assert "no series is CISS" in plan.remarks


@pytest.mark.parametrize("choices, sentence", [({"CISS": "99"}, "no series '99'"), ({"T9": "5"}, "no rule knows")])
def test_a_choice_that_cannot_be_is_refused(dicom, choices, sentence):
    with pytest.raises(DicomError, match=sentence):
        preview_import(dicom, ImportSettings(choices=choices))


@pytest.mark.parametrize(
    "scan, image",
    [
        (replace(CISS, description="CISS lumbar").with_tags(SequenceName="site_sequence"), "CISS"),
        (replace(CISS, description="Sag T2").with_tags(SequenceName="*ci3d1rr"), "CISS"),
        (replace(CISS, description="ciss_cor", axes=CORONAL), ""),
        (CISS.with_tags(ImageType=["DERIVED", "SECONDARY", "MPR"]), ""),
        (replace(DESS, description="3D DESS WE").with_tags(SequenceName="own"), "DESS"),
        (replace(DESS, description="water").with_tags(SequenceName="*de3d1"), "DESS"),
        (replace(T2TSE, description="T2 TSE SAG").with_tags(SequenceName="*tseR2d1rr19"), "T2TSE"),
        (replace(T2TSE, description="sag tse 512"), "T2TSE"),
        (replace(T2TSE, description="sag tse 512").with_tags(EchoTime=9.5), ""),
        (replace(T2TSE, description="T1 TSE SAG"), ""),
        (replace(T2TSE, description="T2 STIR sag").with_tags(SequenceName="*tir2d1_17"), ""),
        (replace(T2TSE, description="t2_tse_localizer"), ""),
        (replace(T2TSE, description="t2_tse_loc"), "T2TSE"),
        (replace(T2TSE, description="t2_tse_sag_T1-T8"), "T2TSE"),
        (replace(T2TSE, description="t2_tse_sag_T1_L2"), "T2TSE"),
        (replace(T2TSE, description="t2_tse_sag T10-S2"), "T2TSE"),
        (replace(T2TSE, description="t2_tse_sag_C7-T1"), "T2TSE"),
        (replace(T2TSE, description="t2_tse_sag C2 - T1"), "T2TSE"),
        (replace(T2TSE, description="T2 TSE sag C1 to T1"), "T2TSE"),
        (replace(T2TSE, description="sag T1w tse T10-S2"), ""),
        (replace(T2TSE, description="t1_tse_sag_T1-T8"), ""),
    ],
)
def test_sequence_name_and_geometry_tell_the_images_apart(tmp_path, scan, image):
    plan = preview_import(study(tmp_path, scan))
    assert [one.image for one in plan.series] == [image]


def test_a_series_named_loc_gives_way_to_another_that_fits(tmp_path):
    plan = preview_import(study(tmp_path, replace(T2TSE, number=3, description="t2_tse_loc"), station(9, 3)))
    assert [(one.key, one.image) for one in plan.series] == [("3", ""), ("9", "T2TSE")]
    assert plan.series[0].remark == "a localizer by its name, and another series fits"
    assert plan.faults == ()


def test_a_site_brings_its_own_rules(tmp_path):
    rules = tmp_path / "rules.json"
    criteria = {"SeriesDescription": "loc*"}
    rules.write_text(json.dumps({"descriptions": [{"datatype": "anat", "suffix": "T1w", "criteria": criteria}]}))
    plan = preview_import(study(tmp_path / "dicom", LOCALIZER), ImportSettings(rules=rules))
    assert [one.target for one in plan.chosen] == ["anat/T1w"]


def test_what_a_sites_rules_put_into_a_sidecar_stays_unless_it_names_the_person(only_ciss, tmp_path):
    rules = tmp_path / "rules.json"
    changes = {"Cohort": "pain", "Nickname": "Zanzibar the great"}
    rule = {"datatype": "anat", "suffix": "CISS", "criteria": {"SequenceName": "*ci3d1"}, "sidecar_changes": changes}
    rules.write_text(json.dumps({"descriptions": [rule]}))
    import_subject(only_ciss, tmp_path / "dataset", "03", ImportSettings(rules=rules))
    sidecar = json.loads((tmp_path / "dataset/rawdata/sub-03/anat/sub-03_CISS.json").read_text())
    assert sidecar["Cohort"] == "pain" and "Nickname" not in sidecar


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("{", "no whole JSON"),
        ("[]", "no list 'descriptions'"),
        ('{"descriptions": [{"datatype": "anat", "suffix": "CISS"}]}', "description 1 lacks 'criteria'"),
        (
            '{"search_method": "re",'
            ' "descriptions": [{"datatype": "anat", "suffix": "CISS", "criteria": {"Names": "("}}]}',
            "cannot be applied",
        ),
    ],
)
def test_rules_that_are_none_are_refused(only_ciss, tmp_path, text, sentence):
    rules = tmp_path / "rules.json"
    rules.write_text(text)
    with pytest.raises(DatasetError, match=sentence):
        preview_import(only_ciss, ImportSettings(rules=rules))


def test_bids_names_are_found_by_the_reader(dicom, tmp_path):
    import_subject(dicom, tmp_path, "03", ImportSettings(bids_names=True))
    images = Dataset.open(tmp_path).images("03")
    assert {name: path.name for name, path in images.items()} == {
        name: f"sub-03_acq-{name}_T2w.nii.gz" for name in ("CISS", "DESS", "T2TSE")
    }
    assert not (tmp_path / "rawdata/.bidsignore").exists()


@pytest.mark.parametrize("bids_names", [False, True])
@pytest.mark.parametrize("place", ["rawdata", "."])
def test_the_official_validator_finds_no_error(tmp_path, bids_names, place):
    # what pip put beside this Python need not be on PATH
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    validator = shutil.which("bids-validator-deno", path=here) or shutil.which("bids-validator", path=here)
    if validator is None:
        pytest.skip("no BIDS validator is installed (pip install bids-validator-deno)")
    folder = study(tmp_path / "dicom", CISS, DESS, station(8, 0), station(9, 1))
    import_subject(folder, tmp_path / "dataset", "03", ImportSettings(bids_names=bids_names))
    command = [validator, str(tmp_path / "dataset" / place), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    found = json.loads(done.stdout[done.stdout.index("{") :])["issues"]["issues"]
    assert found, "the validator always recommends something"
    assert [issue for issue in found if issue["severity"] == "error"] == []


def test_a_subject_that_is_there_is_not_touched_without_force(only_ciss, tmp_path):
    old = tmp_path / "dataset/rawdata/sub-03/anat/sub-03_CISS.nii.gz"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    with pytest.raises(DatasetError, match="--force"):
        import_subject(only_ciss, tmp_path / "dataset", "03")
    assert tree(tmp_path / "dataset") == {"rawdata/sub-03/anat/sub-03_CISS.nii.gz": b"old"}


def test_force_replaces_the_same_images_under_either_name_and_nothing_else(only_ciss, tmp_path):
    anat = tmp_path / "rawdata/sub-03/anat"
    anat.mkdir(parents=True)
    for name in ("sub-03_acq-CISS_T2w.nii.gz", "sub-03_CISS.json", "sub-03_DESS.nii.gz"):
        (anat / name).write_bytes(b"old")
    import_subject(only_ciss, tmp_path, "03", ImportSettings(force=True))
    assert sorted(path.name for path in anat.iterdir()) == [
        "sub-03_CISS.json",
        "sub-03_CISS.nii.gz",
        "sub-03_DESS.nii.gz",
    ]
    assert (anat / "sub-03_CISS.json").read_bytes() != b"old"


def test_other_participants_and_columns_stay(only_ciss, tmp_path):
    write_table(
        tmp_path / "rawdata/participants.tsv", ["participant_id", "age"], [{"participant_id": "sub-07", "age": 30}]
    )
    import_subject(only_ciss, tmp_path, "03")
    assert read_table(tmp_path / "rawdata/participants.tsv") == [
        {"participant_id": "sub-03", "age": "n/a"},
        {"participant_id": "sub-07", "age": "30"},
    ]


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (b"\xef\xbb\xbfparticipant_id\tage\nsub-07\t33\n", "participant_id\tage\nsub-03\tn/a\nsub-07\t33\n"),
        (b"participant_id\tage\nsub-07\t33\n\n", "participant_id\tage\nsub-03\tn/a\nsub-07\t33\n"),
        (b"participant_id\tage\tsex\n", "participant_id\tage\tsex\nsub-03\tn/a\tn/a\n"),
    ],
)
def test_a_table_from_an_editor_keeps_its_columns_and_gets_one_row(only_ciss, tmp_path, found, left):
    path = tmp_path / "rawdata/participants.tsv"
    path.parent.mkdir()
    path.write_bytes(found)
    for _ in range(2):
        import_subject(only_ciss, tmp_path, "03", ImportSettings(force=True))
        assert path.read_text() == left


def test_a_list_of_participants_without_their_labels_is_refused_and_nothing_is_changed(only_ciss, tmp_path):
    (tmp_path / "rawdata").mkdir()
    (tmp_path / "rawdata/participants.tsv").write_text("subject\tage\n07\t33\n")
    before = tree(tmp_path / "rawdata")
    with pytest.raises(DatasetError, match="participants.tsv: has no column participant_id"):
        import_subject(only_ciss, tmp_path, "03")
    assert tree(tmp_path / "rawdata") == before


def test_a_plain_bids_dataset_keeps_its_layout(only_ciss, tmp_path):
    (tmp_path / "dataset/sub-01/anat").mkdir(parents=True)
    import_subject(only_ciss, tmp_path / "dataset", "03")
    assert (tmp_path / "dataset/sub-03/anat/sub-03_CISS.nii.gz").exists()
    assert not (tmp_path / "dataset/rawdata").exists()


def test_series_of_one_number_are_told_apart_by_letters(tmp_path):
    # UIDs of which one begins as the other
    first, second = (replace(CISS, number=5), "1.2.3.1"), (replace(DESS, number=5), "1.2.3.12")
    for place, (scan, uid) in enumerate((first, second)):
        write_series(tmp_path / str(place), scan.with_tags(SeriesInstanceUID=uid))
    plan = preview_import(tmp_path)
    assert [(one.key, one.image) for one in plan.series] == [("5a", "CISS"), ("5b", "DESS")]


def test_a_series_in_one_file_is_imported_as_well(tmp_path):
    write_in_one_file(tmp_path / "dicom", CISS)
    import_subject(tmp_path / "dicom", tmp_path, "03")
    image = read_image(Dataset.open(tmp_path).image("03", "CISS"))
    corner = CISS.affine_ras() @ [CISS.shape[0] - 1, 0, CISS.shape[2] - 1, 1]
    place = np.round(image.index_of(corner[:3])[0]).astype(int)
    assert image.ras_of(place)[0] == pytest.approx(corner[:3], abs=1e-4)
    assert image.voxels[tuple(place)] == CISS.voxels()[-1, 0, -1]


def test_other_files_and_files_without_an_ending_do_not_disturb(only_ciss):
    for path in list(only_ciss.rglob("*.dcm")):
        path.rename(path.with_suffix(""))
    (only_ciss / "report.pdf").write_bytes(b"%PDF" + bytes(300))
    (only_ciss / "DICOMDIR").write_bytes(bytes(300))
    assert [(one.key, one.image) for one in preview_import(only_ciss).series] == [("5", "CISS")]


def test_a_series_that_the_converter_skips_is_told(only_ciss, monkeypatch):
    monkeypatch.setattr(conversion, "run_dcm2niix", lambda *_arguments, **_options: [])
    plan = preview_import(only_ciss)
    assert plan.series[0].remark == "dcm2niix makes no image of it"
    assert plan.faults == ("none of its 1 series is CISS or DESS or T2TSE by the rules",)


def test_images_of_two_frames_of_reference_are_told(tmp_path):
    folder = study(tmp_path, CISS, DESS.with_tags(FrameOfReferenceUID="1.2.3"))
    assert any("frame of reference" in remark for remark in preview_import(folder).remarks)


def test_the_command_previews_and_lists(dicom, tmp_path, capsys):
    arguments = ["import", str(dicom), str(tmp_path / "dataset"), "--subject", "03", "--json"]
    assert main([*arguments, "--preview"]) == 0
    preview = json.loads(capsys.readouterr().out)
    assert preview["files"] == [] and not (tmp_path / "dataset").exists()
    assert main([*arguments, "--choose", "CISS=5", "--choose", "CISS=7"]) == 2
    assert "--choose gives CISS= more than once" in capsys.readouterr().err
    assert main([*arguments, "--choose", "CISS=5", "--bids-names"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert {one["file"] for one in summary["series"]} - {""} == {
        f"sub-03/anat/sub-03_acq-{name}_T2w.nii.gz" for name in ("CISS", "DESS", "T2TSE")
    }
