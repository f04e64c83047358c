"""Names and numbers of a person are found in a text however they are spelt, joined or misread."""

from __future__ import annotations

import json

import pytest

from SpineRootLib.dicom_import.identity import clean_sidecar, identifying_words, without_words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Müstermann^Zoë", "ci3d Müstermann"),
        ("Müstermann^Zoë", "ci3d MÃ¼stermann"),  # UTF-8 read as Latin-1, as the converter does
        ("MÃ¼stermann^Zoe", "ci3d Müstermann"),  # the same mistake in the header
        ("Müstermann^Zoe", "ci3d Mustermann"),
        ("Müstermann^Zoe", "ci3d MUESTERMANN"),
        ("Škvorecký^Jan", "sag SKVORECKY"),
        ("Müstermann^Zoe", "ci3d Mu\u0308stermann"),  # the mark as a character of its own
        ("Quibble-Zanzibar^Zoe", "CISS Zanzibar"),
        ("Quibble-Zanzibar^Zoe", "CISS_quibble_2"),
        ("O'Quibble^Zoe", "CISS O'Quibble"),
        ("Al-Zanzibar^Zoe", "CISS of zanzibar"),
        ("12345", "ciss 12345"),
        ("123456", "ciss_123456_tra"),
        ("1234567", "t2_1234567"),
        ("12-34567", "t2 1234567"),
        ("1234567", "t2 12-34567"),
        ("0012345", "ciss 12345"),
        ("HOSP-7731904", "ciss 7731904"),
        ("HOSP7731904", "ciss hosp7731904"),
        ("Li^Wu", "CISS Li 3"),
        ("Li^Wu", "CISS LiWu"),
        ("Li^Wu", "CISS WULI"),
        ("Müstermann^Zoe", "ci3d M?stermann"),  # letters that a program could not write
        ("Müstermann^Zoe", "ci3d M_stermann"),
        ("Müstermann^Zoe", "ci3d M\ufffdstermann"),
        ("Müstermann^Zoe", "ci3d Mstermann"),
        ("Đorđević^A", "ciss Dordevic"),
        ("Æbelø^A", "ciss AEBELO"),
        ("A1234567", "ciss A-1234567"),
        ("19800412", "ciss 12.04.1980"),
        ("19800412", "ciss 04/12/1980"),
        ("19800412", "ciss 800412"),
        ("19800412", "ciss 1980-04-12"),
        ("19800412", "ciss 12.04.80"),
        ("19800412", "ciss 04/12/80"),
        ("Li^Wu^Ann", "ciss AnnLi"),
        ("Bjørk^A", "ciss Bj?rk"),
        ("Zora^A", "ciss3dzora2"),
    ],
)
def test_a_name_or_number_does_not_stay(tmp_path, value, text):
    words = identifying_words([value])
    assert without_words(text, words) != text
    path = tmp_path / "sidecar.json"
    path.write_text(json.dumps({"SequenceName": text, "ImageType": ["ORIGINAL", text], "FlipAngle": 50}))
    assert clean_sidecar(path, words) == ["SequenceName", "ImageType"]
    assert json.loads(path.read_text()) == {"FlipAngle": 50}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Li^Wu", "t2_tse_line"),
        ("1234", "matrix 1234"),
        ("Ann^X", "t2 planned scan"),
        ("Müstermann^Zoe", "t2_ci3d_tra_lumbar"),
        ("12345", "t2 1 2 3"),
        ("", "t2_ci3d"),
        ("-^.", "t2-ci3d."),
        ("0000", "t2 0.000 00000"),
    ],
)
def test_a_text_without_a_name_stays_as_it_is(value, text):
    assert without_words(text, identifying_words([value])) == text


def test_only_the_name_is_struck_out_of_what_is_shown():
    words = identifying_words(["Quibble-Zanzibar^Zoe", "HOSP-7731904"])
    assert without_words("CISS of zanzibar, tra", words) == "CISS of ***, tra"
    assert without_words("7731904 tra", words) == "*** tra"
    assert without_words("hosp-7731904 tra", words) == "*** tra", "the whole before its parts"


@pytest.mark.parametrize(
    "value", [{"By": "Zanzibar"}, {"Zanzibar": 1}, [["tra", "zanzibar"]], {"By": ["tra", "ZANZIBAR"]}], ids=str
)
def test_a_name_deep_in_a_field_does_not_stay(tmp_path, value):
    path = tmp_path / "sidecar.json"
    path.write_text(json.dumps({"PulseSequenceDetails": value, "ReceiveCoilName": ["Spine_32"], "FlipAngle": 50}))
    assert clean_sidecar(path, identifying_words(["Zanzibar^Zoe"])) == ["PulseSequenceDetails"]


def test_a_sidecar_is_written_to_be_read_by_people(tmp_path):
    path = tmp_path / "sidecar.json"
    path.write_text(json.dumps({"SequenceName": "ci3d \u00b5", "FlipAngle": 50}))
    clean_sidecar(path, frozenset())
    assert path.read_text(encoding="utf-8") == '{\n  "SequenceName": "ci3d \u00b5",\n  "FlipAngle": 50\n}\n'


def test_a_sidecar_with_a_letter_that_is_no_utf8_is_read(tmp_path):
    path = tmp_path / "sidecar.json"
    path.write_bytes(b'{"SequenceName": "ci3d \xb5", "FlipAngle": 50}')
    assert clean_sidecar(path, frozenset()) == []


def test_a_field_that_nobody_knows_yet_does_not_stay(tmp_path):
    path = tmp_path / "sidecar.json"
    path.write_text(json.dumps({"EchoTime": 0.1, "PatientFavouriteColour": "green", "PatientTelephone": 5551234}))
    assert clean_sidecar(path, frozenset()) == ["PatientFavouriteColour", "PatientTelephone"]
    assert json.loads(path.read_text()) == {"EchoTime": 0.1}
