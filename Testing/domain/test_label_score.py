"""A model's label map scored against an annotation: known overlaps, planted faults with honest twins, by crowding."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import put, shifted
from straight_spine import CORD_RADIUS, straight_spine
from test_labels import ciss
from test_unconfirmed import proposing

from SpineRootLib.anatomy import Root
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands import main
from SpineRootLib.images import Image, write_image
from SpineRootLib.label_maps.label_map_file import LabelMapFile
from SpineRootLib.label_maps.label_tables import LabelTable, inline_table, shipped_tables
from SpineRootLib.label_maps.meanings import Meaning
from SpineRootLib.labels import label_map
from SpineRootLib.learning.label_score import LabelScore, score_labels
from SpineRootLib.regions import root_region
from SpineRootLib.tables import read_table

L1_L, L1_R, L2_L = Root("L1", "L"), Root("L1", "R"), Root("L2", "L")
IMAGE = ciss(voxel=0.4)
OWN = shipped_tables()["spineroot"]
# the contours of the sac take most of the time
WITHOUT_SAC = replace(OWN, meanings={**OWN.meanings, 2: Meaning("other")})


def spine() -> Annotation:
    """The straight spine with a second root on the left: 1.2 mm beside the first above, 4.2 mm below."""
    found = straight_spine()
    planes = found.require_planes()
    flat, numbers = planes.flatten(found.roots[L1_L]), planes.number(found.roots[L1_L])
    aside = np.linspace(1.2, 4.2, len(flat))
    found.roots[L2_L] = planes.lift(flat + np.column_stack([np.zeros(len(flat)), -aside]), numbers)
    return found


def scored(voxels: np.ndarray, truth: Annotation | None = None, table: LabelTable | None = None) -> LabelScore:
    prediction = LabelMapFile(Image(voxels, IMAGE.affine), table or WITHOUT_SAC, {"File": "p.nii.gz"})
    return score_labels(prediction, truth or spine(), IMAGE)


def row(found: LabelScore, structure: str, segment: str | None = None, side: str | None = None) -> dict:
    return next(
        each for each in found.rows if (each["structure"], each["segment"], each["side"]) == (structure, segment, side)
    )


@pytest.fixture(scope="module")
def right() -> np.ndarray:
    return label_map(IMAGE, spine())


@pytest.fixture(scope="module")
def perfect(right: np.ndarray) -> LabelScore:
    return scored(right)


def test_a_perfect_prediction_is_perfect(perfect: LabelScore) -> None:
    for structure, segment, side in (("cord", None, None), ("nerveroots", None, None), ("nerveroots", "L1", "L")):
        found = row(perfect, structure, segment, side)
        assert (found["dice"], found["surface_mean_mm"]) == (1.0, 0.0)
    roots = row(perfect, "nerveroots", "L1", "L")
    assert (roots["wrong_root"], roots["on_other_root"], roots["n_slices"]) == (0.0, 0.0, 17)
    assert roots["coverage"] > 0.85, "the cord hides the uppermost points in part"
    assert roots["centreline_mm"] < 0.1


def test_a_shifted_cord_has_the_overlap_of_two_circles_and_edges_apart() -> None:
    shift = 1.2
    found = row(scored(label_map(IMAGE, shifted(spine(), [shift, 0.0, 0.0]))), "cord")
    half = shift / 2.0
    overlap = 2 * CORD_RADIUS**2 * np.arccos(half / CORD_RADIUS) - shift * np.sqrt(CORD_RADIUS**2 - half**2)
    assert found["dice"] == pytest.approx(overlap / (np.pi * CORD_RADIUS**2), abs=0.01)
    # of a circle's edge, shifted by s, the mean distance is s times the mean of a cosine, 2 / pi
    assert found["surface_mean_mm"] == pytest.approx(shift * 2 / np.pi, rel=0.15)


def test_roots_whose_names_are_exchanged_are_on_wrong_roots_and_others_are_not(right: np.ndarray) -> None:
    exchanged = right.copy()
    for beyond in (False, True):
        first, second = (root_region(root, beyond).number for root in (L1_L, L2_L))
        exchanged[right == first], exchanged[right == second] = second, first
    found = scored(exchanged)
    for segment in ("L1", "L2"):
        of_root = row(found, "nerveroots", segment, "L")
        assert of_root["dice"] == 0.0
        assert of_root["on_other_root"] > 0.9
        assert of_root["wrong_root"] > 0.9
    honest = row(found, "nerveroots", "L1", "R")
    assert (honest["dice"], honest["on_other_root"], honest["wrong_root"]) == (1.0, 0.0, 0.0)
    assert row(found, "nerveroots")["dice"] == 1.0, "together they are where they were"


def test_what_is_missing_lowers_coverage_alone(right: np.ndarray) -> None:
    missing = right.copy()
    missing[:, :, 13:][right[:, :, 13:] == root_region(L1_L).number] = 2
    found, honest = (row(scored(missing), "nerveroots", "L1", side) for side in ("L", "R"))
    assert found["coverage"] == pytest.approx(honest["coverage"] - 7 / 17, abs=1e-9)
    assert found["median_mm"] < 0.2


def test_crowding_tells_where_roots_are_mistaken(right: np.ndarray, perfect: LabelScore) -> None:
    rows = {each["nearest_mm"]: each for each in perfect.crowding}
    assert list(rows) == ["0-1.5", "1.5-3", "from 3"]
    # 2 roots on 17 slices come as near as 1.2 mm above, and the one on the right has nobody near
    assert [each["n_marks"] for each in rows.values()] == [4, 16, 31]
    merged = right.copy()
    merged[:, :, :7][right[:, :, :7] == root_region(L2_L).number] = root_region(L1_L).number
    crowded = {each["nearest_mm"]: each for each in scored(merged).crowding}
    assert crowded["0-1.5"]["right"] < rows["0-1.5"]["right"]
    assert crowded["from 3"] == rows["from 3"]


def test_labels_without_sides_are_scored_by_level(right: np.ndarray) -> None:
    levels = np.where(right > 2, 5, right)
    found = scored(levels, straight_spine(), inline_table(["1=cord", "2=csf", "5=nerveroots_L1"]))
    assert [(each["segment"], each["side"]) for each in found.rows if each["structure"] == "nerveroots"] == [
        (None, None),
        ("L1", None),
    ]
    assert found.predicted.roots.keys() == {L1_L, L1_R}


def test_the_command_writes_tables_that_say_what_was_scored(tmp_path: Path, right: np.ndarray, capsys) -> None:
    image = write_image(tmp_path / "sub-01_CISS.nii.gz", IMAGE)
    labels = write_image(tmp_path / "sub-01_model.nii.gz", Image(right, IMAGE.affine))
    truth = proposing(spine())
    line = ["score", str(put(tmp_path, truth, "A", ciss=None)), "--subject", "01", "--ciss", str(image)]
    more = ["--labels", str(labels), "--table", "spineroot", "--out", str(tmp_path / "out"), "--json"]
    assert main([*line, *more]) == 0
    told = capsys.readouterr()
    assert "3 proposals that nobody has confirmed are left out" in told.err
    assert 80 < json.loads(told.out)["score"] <= 100
    rows = read_table(tmp_path / "out/sub-01_desc-labels_score.tsv")
    assert {row["structure"] for row in rows} == {"cord", "csf", "nerveroots"}
    beside = json.loads((tmp_path / "out/sub-01_desc-labels_score.json").read_text())
    assert beside["Prediction"]["File"] == "sub-01_model.nii.gz"
    assert main([*line, *more[:1], str(tmp_path / "sub-02_model.nii.gz"), *more[2:]]) == 2
    assert "is an image of sub-02" in capsys.readouterr().err
    assert main([*line, *more, "--label", "1=cord"]) == 2
    assert "name one of the two" in capsys.readouterr().err


def test_progress_never_goes_back(right: np.ndarray) -> None:
    told: list[float] = []
    prediction = LabelMapFile(Image(right, IMAGE.affine), WITHOUT_SAC, {"File": "p.nii.gz"})
    score_labels(prediction, spine(), IMAGE, progress=lambda fraction, _text: told.append(fraction))
    assert told == sorted(told)
    assert told[0] < 0.8 < told[-1]
