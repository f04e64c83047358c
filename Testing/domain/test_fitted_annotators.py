"""Simulated annotators that are fitted to what a comparison of annotators left."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from SpineRootLib.agreement.exchange import EXCHANGES
from SpineRootLib.agreement.raters import share_planes
from SpineRootLib.agreement.reliability_tables import write_reliability
from SpineRootLib.agreement.tables import POINTS, write_exactly
from SpineRootLib.annotation import Annotation
from SpineRootLib.commands import main, phantom
from SpineRootLib.errors import DatasetError
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator
from SpineRootLib.phantom.fitted_annotators import FittedAnnotator, fit_annotators_like

# nobody is held back by what can be seen, so that errors are those that were set
HOW = {
    "A": AnnotatorSettings(jitter_mm=(0.1, 0.1), drift_mm=(0.1, 0.2), ganglion_mm=0.6, missed=0.02),
    "B": AnnotatorSettings(jitter_mm=(0.3, 0.3), drift_mm=(0.1, 0.2), ganglion_mm=0.8, missed=0.1, bias_mm=(0.3, -0.2)),
    "C": AnnotatorSettings(jitter_mm=(0.2, 0.2), drift_mm=(0.4, 0.8), ganglion_mm=1.0, missed=0.05, bias_mm=(0.0, 0.4)),
}


@pytest.fixture(scope="module")
def truth() -> Annotation:
    """A true annotation with few contours."""
    annotation = make_truth(PhantomSettings().with_crowding(0.0), 1).annotation
    for contours in annotation.contours.values():
        del contours[3:]
    return annotation


def compared(folder: Path, truth: Annotation, labels: str, subjects: int) -> Path:
    """The tables of a comparison of simulated annotators, over subjects."""
    for seed in range(subjects):
        marked = {}
        for label in labels:
            marked[label] = simulate_annotator(truth, replace(HOW[label], on_visible_dots=False), seed, label)
            marked[label].subject = f"{seed:02}"
        raters = share_planes(marked, truth.planes)
        own = folder / f"sub-{seed:02}"
        write_reliability(own, raters, [])
        name = f"sub-{seed:02}_agreement"
        apart = {"annotator_a": "A", "annotator_b": "B", "structure": "dura", "slice": 1, "distance_mm": 0.12}
        write_exactly(own / f"{name}-points.tsv", POINTS, [apart])
        exchanges = [{"annotator_a": "A", "annotator_b": "B", "segment": "L5", "lies_on": "S1_L"}] if seed % 2 else []
        write_exactly(own / f"{name}-exchanges.tsv", EXCHANGES, exchanges)
    return folder


@pytest.fixture(scope="module")
def agreement(truth: Annotation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six subjects by three annotators."""
    return compared(tmp_path_factory.mktemp("agreement"), truth, "ABC", 6)


def test_the_models_are_those_that_marked(agreement: Path) -> None:
    found = {each.label: each for each in fit_annotators_like(agreement)}
    middle = np.mean([settings.bias_mm for settings in HOW.values()], axis=0)
    for label, truly in HOW.items():
        mine = found[label].settings
        np.testing.assert_allclose(mine.bias_mm, np.subtract(truly.bias_mm, middle), atol=0.1)
        assert mine.ganglion_mm == pytest.approx(truly.ganglion_mm, abs=0.15)
        assert mine.missed == pytest.approx(truly.missed, abs=0.015)
        assert np.mean(mine.jitter_mm) == pytest.approx(np.mean(truly.jitter_mm), abs=0.06)
        assert mine.drift_mm[1] == pytest.approx(truly.drift_mm[1], abs=0.12)
    assert found["C"].settings.drift_mm[1] > found["C"].settings.drift_mm[0] + 0.15
    assert 4 <= found["C"].settings.drift_slices <= 8, "6 was set"
    # 0.12 mm between two contours
    assert np.hypot(*(found[label].settings.contour_mm for label in "AB")) == pytest.approx(0.12 / 0.72)
    assert found["A"].swaps + found["B"].swaps == pytest.approx(0.5, abs=0.1)


def test_where_nobody_looked_for_exchanges_that_is_said_and_none_are_made(agreement: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(agreement, tmp_path / "agreement")
    for path in copy.rglob("*-exchanges.*"):
        path.unlink()
    for each in fit_annotators_like(copy):
        assert "for which nobody looked" in str(each)
        assert each.of_subject(1).swaps == 0


def test_of_two_annotators_each_has_half_of_what_they_differ(truth: Annotation, tmp_path: Path) -> None:
    one, other = (each.settings for each in fit_annotators_like(compared(tmp_path, truth, "AB", 3)))
    assert one.jitter_mm == pytest.approx(other.jitter_mm)
    assert one.jitter_mm[0] == pytest.approx(np.sqrt((0.1**2 + 0.3**2) / 2), abs=0.06)
    assert one.bias_mm == pytest.approx(np.negative(other.bias_mm))


def test_a_model_confuses_names_by_chance_and_the_same_for_a_seed() -> None:
    model = FittedAnnotator("A", AnnotatorSettings(), 0.5)
    drawn = [model.of_subject(seed).swaps for seed in range(400)]
    assert np.mean(drawn) == pytest.approx(0.5, abs=0.12)
    assert drawn[:9] == [model.of_subject(seed).swaps for seed in range(9)]


@pytest.mark.parametrize(
    ("asked", "labels"),
    [([], "ABC"), (["B", "X"], "BX"), (["markers-B"], "B")],
    ids=["their names", "other names", "folders"],
)
def test_a_phantom_gets_annotators_like_those_compared(
    agreement: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: list[str], labels: str
) -> None:
    written: list[tuple[Any, ...]] = []
    monkeypatch.setattr(phantom, "write_phantom", lambda *given: written.append(given) or ([], []))
    command = ["phantom", "anywhere", "--subject", "01", "--annotators-like", str(agreement)]
    assert main([*command, *(["--annotators", *asked] if asked else [])]) == 0
    assert "like B: bias" in capsys.readouterr().out
    *_rest, names, settings, _progress = written[0]
    assert "".join(names) == "".join(settings) == labels
    fitted = {each.label: each.of_subject(1) for each in fit_annotators_like(agreement)}
    assert settings["B"] == fitted["B"]
    assert settings[labels[-1]] in fitted.values()


def test_exchanges_that_the_comparison_tells_of_are_not_asked_for_besides(agreement: Path, capsys) -> None:
    line = ["phantom", "anywhere", "--subject", "01", "--annotators-like", str(agreement), "--swaps", "2"]
    assert main(line) == 2
    assert "leave out --swaps" in capsys.readouterr().err


def test_what_holds_no_comparison_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="fewer than 30 places") as fault:
        fit_annotators_like(tmp_path)
    assert str(tmp_path) in str(fault.value)
