"""The same annotation gives the same surfaces, to the last bit, however its files and points are ordered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.phantom import AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator
from SpineRootLib.surfaces import build_model, write_model


@pytest.fixture(scope="module")
def markers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a simulated annotator marked in a small phantom."""
    truth = make_truth(PhantomSettings.small().with_crowding(0.0), 4).annotation
    folder = tmp_path_factory.mktemp("markers")
    write_annotation(folder, simulate_annotator(truth, AnnotatorSettings(), 4, "A"), durable=False)
    return folder


def written(markers: Path, folder: Path) -> dict[str, bytes]:
    model = build_model(read_annotation(markers, "01"))
    return {path.name: path.read_bytes() for path in write_model(model, folder, ("vtp", "stl"), durable=False)}


def test_two_runs_write_the_same_bytes(markers, tmp_path):
    first = written(markers, tmp_path / "1")
    assert len(first) == 34
    assert first == written(markers, tmp_path / "2")


def test_the_order_of_files_and_points_does_not_matter(markers, tmp_path):
    """Contours renumbered, started elsewhere and drawn the other way round, root points shuffled."""
    rng = np.random.default_rng(8)
    shuffled = tmp_path / "shuffled" / "sub-01"
    shuffled.mkdir(parents=True)
    for structure in ("dura", "cord", "nerveroots", "ganglions"):
        paths = sorted((markers / "sub-01").glob(f"*_{structure}_*.json"))
        names = [path.name for path in paths]
        for path, name in zip(paths, rng.permutation(names) if structure in ("dura", "cord") else names, strict=True):
            document = json.loads(path.read_text())
            points = document["markups"][0]["controlPoints"]
            if structure == "nerveroots":
                rng.shuffle(points)
            else:
                start = int(rng.integers(len(points)))
                points[:] = (points[start:] + points[:start])[:: int(rng.choice([1, -1]))]
            (shuffled / name).write_text(json.dumps(document))
    assert written(shuffled.parent, tmp_path / "other") == written(markers, tmp_path / "plain")
