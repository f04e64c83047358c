"""Importing DICOM as the panel does it, and installing what it needs."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError
from types import SimpleNamespace

import pytest
import slicer

pytest.importorskip("pydicom")
pytest.importorskip("dcm2bids")
sys.path.append(str(Path(__file__).resolve().parents[1] / "domain"))

from dicom_series import CISS, DESS, LOCALIZER, write_series

from headless.application import start
from SpineRootLib.dataset import Dataset
from SpineRootLib.errors import Cancelled, DatasetError, DicomError, MissingExtraError, SpineRootError

start()
from SpineRootAnnotatorLib.dicom_intake import DicomIntake  # noqa: E402
from SpineRootAnnotatorLib.import_extras import REQUIREMENTS, with_import_extras  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
REPEATED = replace(CISS, number=7)


@pytest.fixture
def dicom(tmp_path):
    """CISS twice, so that one must be chosen; DESS; a localizer that is left over."""
    for scan in (LOCALIZER, CISS, DESS, REPEATED):
        write_series(tmp_path / "dicom", scan)
    return tmp_path / "dicom"


@pytest.fixture
def previewed(dicom):
    intake = DicomIntake()
    intake.preview(dicom)
    return intake


def becomes(intake):
    return {row.key: row.file for row in intake.rows("03")}


def test_the_preview_says_what_becomes_of_every_series(previewed):
    assert becomes(previewed) == {"1": "", "5": "", "6": "sub-03_DESS.nii.gz", "7": ""}
    assert previewed.plan.faults == ("series 5, 7 all fit CISS: choose one",)
    assert previewed.images == ("CISS", "DESS", "T2TSE")


def test_choosing_a_series_settles_what_is_ambiguous(previewed, dicom, tmp_path):
    previewed.choose("7", "CISS")
    previewed.preview(dicom)
    assert becomes(previewed)["7"] == "sub-03_CISS.nii.gz"
    assert previewed.plan.faults == ()
    assert [row.choice for row in previewed.rows("03")] == ["", "", "", "CISS"]
    previewed.run(tmp_path / "dataset", "03", replacing=False)
    assert sorted(Dataset.open(tmp_path / "dataset").images("03")) == ["CISS", "DESS"]


def test_a_choice_can_be_changed_and_taken_back(previewed, dicom):
    previewed.choose("7", "CISS")
    previewed.choose("5", "CISS")
    previewed.preview(dicom)
    assert (becomes(previewed)["5"], becomes(previewed)["7"]) == ("sub-03_CISS.nii.gz", "")
    previewed.choose("5", "")
    previewed.preview(dicom)
    assert previewed.plan.faults


def test_choices_for_one_folder_are_not_kept_for_another(previewed, tmp_path):
    previewed.choose("7", "CISS")
    write_series(tmp_path / "other", CISS)
    previewed.preview(tmp_path / "other")
    assert becomes(previewed) == {"5": "sub-03_CISS.nii.gz"}


def test_names_that_bids_knows_show_in_the_preview(tmp_path):
    write_series(tmp_path / "other", CISS)
    intake = DicomIntake()
    intake.preview(tmp_path / "other", bids_names=True)
    assert becomes(intake) == {"5": "sub-03_acq-CISS_T2w.nii.gz"}


def test_nothing_is_imported_that_was_not_previewed(previewed, tmp_path):
    with pytest.raises(DicomError):
        previewed.preview(tmp_path / "nowhere")
    with pytest.raises(DicomError, match="not been previewed"):
        previewed.run(tmp_path / "dataset", "03", replacing=False)
    assert not (tmp_path / "dataset").exists()


def test_an_import_that_is_cancelled_leaves_nothing(previewed, dicom, tmp_path):
    previewed.choose("7", "CISS")
    previewed.preview(dicom)
    with pytest.raises(Cancelled):
        previewed.run(tmp_path / "dataset", "03", False, lambda fraction, _text: fraction < 0.3)
    assert not (tmp_path / "dataset").exists()


def test_a_subject_that_is_there_is_replaced_only_on_request(tmp_path):
    write_series(tmp_path / "other", CISS)
    intake = DicomIntake()
    intake.preview(tmp_path / "other")
    assert not intake.is_there(tmp_path / "dataset", "03")
    intake.run(tmp_path / "dataset", "03", replacing=False)
    assert intake.is_there(tmp_path / "dataset", "sub-03")
    with pytest.raises(DatasetError):
        intake.run(tmp_path / "dataset", "03", replacing=False)
    assert intake.run(tmp_path / "dataset", "03", replacing=True).files


class Installing:
    """A Slicer of either kind, in which something is missing until it is installed."""

    def __init__(self, monkeypatch, modern, fails=None):
        self.installed, self.fails, self.requests = False, fails, []
        module = SimpleNamespace(pip_ensure=self.pip_ensure) if modern else None
        monkeypatch.setitem(sys.modules, "slicer.packaging", module)
        monkeypatch.setattr(slicer.util, "pip_install", self.pip_install, raising=False)

    def pip_ensure(self, requirements, requester):
        assert requester == "SpineRoot"
        self.pip_install(requirements)

    def pip_install(self, requirements):
        self.requests.append(requirements)
        if self.fails is not None:
            raise self.fails
        self.installed = True

    def act(self):
        if not self.installed:
            raise MissingExtraError("dcm2bids", "import", "importing DICOM")
        return "done"


def never():
    raise AssertionError("Slicer asks the user itself")


def test_slicer_asks_and_installs_what_is_missing(monkeypatch):
    there = Installing(monkeypatch, modern=True)
    assert with_import_extras(there.act, never) == "done"
    assert there.requests == [list(REQUIREMENTS)]


def test_an_older_slicer_installs_with_consent(monkeypatch):
    there = Installing(monkeypatch, modern=False)
    assert with_import_extras(there.act, lambda: True) == "done"
    assert there.requests == [list(REQUIREMENTS)]


def test_an_older_slicer_installs_nothing_without_consent(monkeypatch):
    there = Installing(monkeypatch, modern=False)
    with pytest.raises(MissingExtraError):
        with_import_extras(there.act, lambda: False)
    assert there.requests == []


def test_declining_says_what_is_missing(monkeypatch):
    there = Installing(monkeypatch, modern=True, fails=RuntimeError("declined"))
    with pytest.raises(MissingExtraError, match="dcm2bids"):
        with_import_extras(there.act, never)


def test_an_installation_that_fails_is_said_in_a_sentence(monkeypatch):
    there = Installing(monkeypatch, modern=True, fails=CalledProcessError(1, "pip"))
    with pytest.raises(SpineRootError, match="cannot be installed"):
        with_import_extras(there.act, never)


def test_nothing_is_installed_where_nothing_is_missing(monkeypatch):
    there = Installing(monkeypatch, modern=True)
    assert with_import_extras(lambda: 5, never) == 5
    assert there.requests == []


def test_what_is_installed_is_what_the_package_asks_for():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert list(REQUIREMENTS) == declared["project"]["optional-dependencies"]["import"]
