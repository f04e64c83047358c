"""Every command that takes an image sees that it is the annotated one, and says what it cannot tell."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from image_of_spine import COUNT, image_of_spine
from raters_on_disk import put, shifted
from straight_spine import straight_spine

from SpineRootLib.annotation_files import sidecar_path
from SpineRootLib.commands import main
from SpineRootLib.images import Image, describe_image, write_image

COMMANDS = ("check", "compare", "consensus", "model", "labels")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A dataset whose image two annotators marked, 0.1 mm apart, and which their sidecars describe."""
    root = tmp_path / "dataset"
    image = write_image(root / "rawdata" / "sub-01" / "anat" / "sub-01_CISS.nii.gz", image_of_spine())
    spine = straight_spine(count=COUNT)
    for label, shift in (("A", 0.0), ("B", 0.1)):
        put(root / "derivatives", shifted(spine, [0.0, shift, 0.0]), label, ciss=describe_image(image))
    return root


def image_of(dataset: Path) -> Path:
    return dataset / "rawdata" / "sub-01" / "anat" / "sub-01_CISS.nii.gz"


def run(dataset: Path, command: str, *more: str) -> int:
    """A command on A's work, or on A's and B's, with the subject's image."""
    markers = dataset / "derivatives" / "markers-A"
    folders = [str(markers)]
    if command in ("compare", "consensus"):
        folders.append(str(markers.with_name("markers-B")))
    out = [] if command == "check" else ["--out", str(dataset.parent / "out" / command)]
    return main([command, *folders, "--subject", "01", "--ciss", str(image_of(dataset)), *out, *more])


def on_dataset(dataset: Path, command: str, *more: str) -> int:
    """A command that finds the image itself."""
    out = str(dataset.parent / "out" / command)
    if command == "run":
        return main(["run", str(dataset), str(dataset.parent / "out"), "participant", *more])
    annotator = ["--annotator", "A"] if command == "trace" else []
    return main([command, str(dataset), "--subject", "01", *annotator, "--out", out, *more])


def start(dataset: Path, command: str, *more: str) -> int:
    return (run if command in COMMANDS else on_dataset)(dataset, command, *more)


def recompress(path: Path) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 9, mtime=1))


def forget_voxels(dataset: Path) -> None:
    """Sidecars as version 0.1 wrote them, which do not say what the voxels are."""
    for label in "AB":
        sidecar = sidecar_path(dataset / "derivatives" / f"markers-{label}" / "sub-01", "01")
        document = json.loads(sidecar.read_text())
        del document["Images"]["CISS"]["VoxelSHA256"]
        sidecar.write_text(json.dumps(document))


@pytest.mark.parametrize("command", [*COMMANDS, "trace", "quality", "run"])
def test_a_mirrored_export_is_refused_by_every_command(
    dataset: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_image(image_of(dataset), Image(image_of_spine().voxels[::-1], image_of_spine().affine))
    assert start(dataset, command) == 2
    assert "is not the image that was annotated: it has other voxels" in capsys.readouterr().err


@pytest.mark.parametrize("command", [*COMMANDS, "quality", "run"])
def test_the_same_voxels_compressed_again_are_taken_without_a_word(
    dataset: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recompress(image_of(dataset))
    assert start(dataset, command) == 0
    assert "warning" not in capsys.readouterr().err


@pytest.mark.parametrize("command", [*COMMANDS, "quality", "run"])
def test_what_cannot_be_told_of_an_image_is_a_warning_on_stderr_and_in_json(
    dataset: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_voxels(dataset)
    recompress(image_of(dataset))
    assert start(dataset, command, *([] if command == "run" else ["--json"])) == 0
    said = capsys.readouterr()
    assert f"spineroot {command}: warning: " in said.err
    assert "compressed again" in said.err
    if command == "run":
        assert "compressed again" in (dataset.parent / "out" / "logs" / "sub-01.log").read_text()
    else:
        assert any("compressed again" in each for each in json.loads(said.out)["warnings"])


@pytest.mark.parametrize("command", [*COMMANDS, "quality", "run"])
def test_two_positions_of_one_image_are_told_by_every_command(
    dataset: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nibabel = pytest.importorskip("nibabel")
    path = image_of(dataset)
    loaded = nibabel.load(path)
    moved = loaded.affine.copy()
    moved[2, 3] += 6.0
    copy = nibabel.Nifti1Image(np.asarray(loaded.dataobj), loaded.affine, loaded.header)
    copy.set_qform(loaded.affine, 1)
    copy.set_sform(moved, 2)
    nibabel.save(copy, path)
    assert start(dataset, command) == 0
    assert "two positions, up to 6 mm apart" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "consensus", "model"])
def test_files_that_were_not_read_are_told_before_anything_is_made_of_the_rest(
    dataset: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = dataset / "derivatives" / "markers-A" / "sub-01"
    root = folder / "sub-01_nerveroots_L1_L.json"
    (folder / "sub_01_nerveroots_L1_L.json").write_bytes(root.read_bytes())
    (folder / "sub-01_nerveroots_L1_L (conflicted copy).json").write_bytes(root.read_bytes())
    assert run(dataset, command) == 0
    said = capsys.readouterr().err
    assert "sub_01_nerveroots_L1_L.json and sub-01_nerveroots_L1_L.json both name nerveroots_L1_L" in said
    assert "sub-01_nerveroots_L1_L (conflicted copy).json looks like a markups file and was not read" in said
