"""What an error of annotation changes in the order in which roots are recruited, and fibres for OSS-DBS."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from outcomes import refused
from straight_spine import straight_spine
from test_surroundings import file_of

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import MissingExtraError
from SpineRootLib.fibres import Fibre
from SpineRootLib.fibres.hdf5_files import write_hdf5
from SpineRootLib.fibres.recruitment import (
    RecruitmentSettings,
    activating,
    order_of,
    same_order,
    selectivity,
    strengths,
)
from SpineRootLib.fibres.sensitivity import contact_rows, sensitivity
from SpineRootLib.tables import read_table

L1_L, L1_R, L2_L = Root("L1", "L"), Root("L1", "R"), Root("L2", "L")


def straight(root, aside):
    """A fibre down from 40 to -40 mm, so far to the right."""
    along = np.arange(0.0, 80.0, 0.25)
    points = np.column_stack([np.full(len(along), aside), np.zeros(len(along)), 40.0 - along])
    alike = np.zeros(len(along))
    return Fibre(root, points, along, np.tile([0.0, 0.0, -1.0], (len(along), 1)), alike, alike.astype(int), alike > 0)


def test_a_point_source_acts_on_a_straight_fibre_as_the_closed_form_has_it():
    settings = RecruitmentSettings(node_mm=0.25)
    acting = activating(straight(L1_L, 0.0), np.array([3.0, 0.0, 0.0]), settings)
    # the second derivative of 1 / r beside the source is -1 / d^3
    assert acting.max() == pytest.approx(1e3 / (4 * np.pi * 1.7 * 3.0**3), rel=0.02)
    assert acting.min() < 0  # and beside that it hyperpolarises


def test_the_nearest_of_alike_fibres_is_recruited_first():
    fibres = [straight(L1_L, -4.0), straight(L1_R, 3.0), straight(L2_L, -9.0)]
    (found,) = sensitivity(fibres, [fibres], {"contact_1": np.array([0.0, 0.0, 0.0])})
    assert order_of(found.own) == [L1_R, L1_L, L2_L]
    assert selectivity(found.own) == pytest.approx(1 - (3 / 4) ** 3, abs=0.02)


def test_what_is_excited_far_up_in_the_cord_is_not_told_of_the_root():
    fibre = straight(L1_L, 0.0)
    settings, source = RecruitmentSettings(), np.array([3.0, 0.0, 30.0])
    whole = strengths([fibre], source, settings)[L1_L]
    within = Fibre(**{**vars(fibre), "along": fibre.along - 20.0})  # the source lies beside what is 10 mm within
    assert strengths([within], source, settings)[L1_L] < 0.05 * whole


def test_tau_is_1_for_the_same_order_and_less_by_each_pair_that_is_turned():
    assert same_order([L1_L, L1_R, L2_L], [L1_L, L1_R, L2_L]) == 1.0
    assert same_order([L1_L, L1_R, L2_L], [L2_L, L1_R, L1_L]) == -1.0
    assert same_order([L1_L, L1_R, L2_L], [L1_R, L1_L, L2_L]) == pytest.approx(1 / 3)
    assert same_order([L1_L, L1_R, L2_L], [L2_L, L1_L]) == -1.0  # of those that both hold


def test_annotators_who_agree_change_nothing_and_one_who_exchanges_sides_does():
    own = [straight(L1_L, -4.0), straight(L1_R, 3.0)]
    turned = [straight(L1_R, -4.0), straight(L1_L, 3.0)]
    (row,) = contact_rows(sensitivity(own, [own, own], {"c": np.zeros(3)}))
    assert (row["first_kept_percent"], row["tau_mean"], row["selectivity_sd"]) == (100.0, 1.0, pytest.approx(0.0))
    (row,) = contact_rows(sensitivity(own, [own, turned], {"c": np.zeros(3)}))
    assert (row["first"], row["first_kept_percent"], row["side_kept_percent"]) == ("L1_R", 50.0, 50.0)
    assert (row["tau_mean"], row["tau_least"]) == (0.0, -1.0)


@pytest.fixture(scope="module")
def markers(tmp_path_factory):
    spine = straight_spine(60, 45, 1.0)
    spine.roots = {root: points[26:] for root, points in spine.roots.items()}
    folder = tmp_path_factory.mktemp("in") / "markers"
    write_annotation(folder, spine)
    return folder


def test_the_command_writes_a_row_a_contact_and_one_a_contact_and_root(markers, tmp_path, capsys):
    line = ["sensitivity", str(markers), "--subject", "01", "--lead", str(file_of(tmp_path)), "--at", "L1"]
    assert main([*line, "--out", str(tmp_path / "out"), "--times", "2", "--lateral", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["times"] == 2
    rows = read_table(tmp_path / "out" / "sub-01_sensitivity.tsv")
    assert [row["contact"] for row in rows] == ["contact_1", "contact_2"]
    assert {row["first"] for row in rows} == {"L1_L"}  # the lead lies to the left
    of_roots = read_table(tmp_path / "out" / "sub-01_recruitment.tsv")
    assert [(row["contact"], row["rank"]) for row in of_roots] == [(f"contact_{c}", r) for c in "12" for r in "12"]
    assert "simulated" in json.loads((tmp_path / "out" / "sub-01_sensitivity.json").read_text())["Description"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [([], "name the lead"), (["--lead", "cylinder-8", "--at", "L1", "--times", "0"], "--times takes")],
)
def test_what_asks_for_nothing_is_refused(markers, tmp_path, capsys, more, sentence):
    line = ["sensitivity", str(markers), "--subject", "01", "--out", str(tmp_path / "out"), *more]
    assert sentence in refused(capsys, *line)


def test_oss_dbs_finds_a_group_a_root_and_an_axon_in_it(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    fibres = [straight(L1_L, -4.0), straight(L1_R, 3.0)]
    with h5py.File(write_hdf5(fibres, tmp_path, "01")) as file:
        assert list(file) == ["nerveroots_L1_L", "nerveroots_L1_R"]
        assert np.array(file["nerveroots_L1_R"]["axon0"]) == pytest.approx(fibres[1].points)


def test_without_h5py_one_sentence_tells_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match="h5py"):
        write_hdf5([straight(L1_L, 0.0)], tmp_path, "01")
    assert not list(tmp_path.iterdir())
