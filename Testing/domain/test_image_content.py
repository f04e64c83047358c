"""Where no record tells which image was annotated, what it shows does, as far as it can."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_stack import SmallStack

from SpineRootLib.annotation import Annotation
from SpineRootLib.annotation_files import write_annotation
from SpineRootLib.commands import COMMANDS, main
from SpineRootLib.dataset import Dataset
from SpineRootLib.image_content import Told, content
from SpineRootLib.image_identity import check_image
from SpineRootLib.images import Image, describe_image, write_image
from SpineRootLib.phantom import CHALLENGES, AnnotatorSettings, PhantomSettings, make_truth, simulate_annotator
from SpineRootLib.phantom.ciss import make_ciss
from SpineRootLib.phantom.sac_contents import sac_contents

# what reads no marks on an image: these make one or the other, or look at label maps alone
WITHOUT_MARKS = {"import", "phantom", "queue"}


def moved(stack: SmallStack, right_mm: float, front_mm: float) -> Image:
    """The image with what it shows so far to the right and the front."""
    steps = [round(by / 0.3) for by in (-right_mm, front_mm)]
    return replace(stack.image, voxels=np.roll(stack.image.voxels, steps, axis=(0, 1)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sub-00_CISS.nii.gz"


def said(annotation: Annotation, path: Path, image: Image) -> tuple[list[str], str]:
    write_image(path, image)
    found = check_image(annotation, path)
    return found.notes, found.doubt


def test_an_image_that_shows_what_is_marked_is_taken_and_said(stack: SmallStack, path: Path) -> None:
    (note,), doubt = said(stack.truth, path, stack.image)
    assert note.endswith("sub-00_CISS.nii.gz is taken for it; what is marked lies on what it shows")
    assert doubt == ""


@pytest.mark.parametrize(("right_mm", "front_mm"), [(3.0, 4.0), (0.0, -5.0), (15.0, 0.0)])
def test_an_image_that_shows_it_elsewhere_is_doubted(
    stack: SmallStack, path: Path, right_mm: float, front_mm: float
) -> None:
    notes, doubt = said(stack.truth, path, moved(stack, right_mm, front_mm))
    assert notes == []
    assert doubt.startswith("sub-00_CISS.nii.gz does not seem to be the image that was annotated: ")
    assert "another subject" in doubt
    roots_alone = replace(stack.truth, contours={structure: [] for structure in stack.truth.contours})
    assert said(roots_alone, path, moved(stack, right_mm, front_mm))[1]


def test_what_a_record_tells_for_certain_is_not_doubted(stack: SmallStack, path: Path) -> None:
    image = moved(stack, 3.0, 4.0)
    write_image(path, image)
    annotation = replace(stack.truth, provenance=stack.truth.provenance.copy())
    annotation.provenance.document["Images"] = {"CISS": describe_image(path)}
    assert (check_image(annotation, path).notes, check_image(annotation, path).doubt) == ([], "")
    for key in ("SHA256", "VoxelSHA256"):
        del annotation.provenance.document["Images"]["CISS"][key]
    assert check_image(annotation, path).doubt


def nothing(voxels: np.ndarray) -> np.ndarray:
    return np.zeros_like(voxels)


def grain(voxels: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 400, voxels.shape).astype(np.int16)


@pytest.mark.parametrize("shown", [nothing, grain])
def test_an_image_that_shows_nothing_tells_nothing(stack: SmallStack, path: Path, shown) -> None:
    (note,), doubt = said(stack.truth, path, replace(stack.image, voxels=shown(stack.image.voxels)))
    assert note.endswith("sub-00_CISS.nii.gz is taken for it; only its slices could be compared")
    assert doubt == ""


def test_ganglia_and_a_few_points_tell_nothing(stack: SmallStack, path: Path) -> None:
    write_image(path, moved(stack, 3.0, 4.0))
    assert content(Annotation("00", ganglia=stack.truth.ganglia), path) == (Told.NOTHING, "")
    few = Annotation("00", planes=stack.planes, segments=stack.truth.segments)
    few.roots = {root: points[:1] for root, points in stack.truth.roots.items()}
    assert content(few, path) == (Told.NOTHING, "")


@pytest.fixture(scope="module")
def low_conus() -> tuple[Annotation, Image]:
    """What a simulated annotator marked in a crowded subject whose cord ends low, on slices of 4 mm to save time."""
    settings = CHALLENGES["low conus"](PhantomSettings.small())
    scan = replace(settings.scan, voxel_mm=(0.3, 0.3, 4.0), shape=(960, 960, 20))
    settings = replace(settings, scan=scan, image=replace(settings.image, noise=0.015))
    truth = make_truth(settings, 723)
    image = make_ciss(truth, sac_contents(truth.spine, settings.distractors, 723), settings.image, 723)
    return simulate_annotator(truth.annotation, AnnotatorSettings(), 723, "A"), image


@pytest.mark.parametrize("with_contours", [True, False])
def test_an_annotator_of_a_crowd_about_a_low_conus_is_not_doubted_and_on_a_mirrored_image_is(
    low_conus: tuple[Annotation, Image], path: Path, with_contours: bool
) -> None:
    annotation, image = low_conus
    if not with_contours:
        annotation = replace(annotation, contours={structure: [] for structure in annotation.contours})
    (note,), doubt = said(annotation, path, image)
    assert note.endswith("what is marked lies on what it shows")
    assert doubt == ""
    right = int(np.argmax(np.abs(image.affine[0, :3])))
    assert "mirrored" in said(annotation, path, replace(image, voxels=np.flip(image.voxels, right)))[1]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, stack: SmallStack) -> Path:
    """Two annotators who marked the same, of whom no record says on which image; the one there shows it elsewhere."""
    root = tmp_path_factory.mktemp("asked") / "dataset"
    write_image(root / "rawdata/sub-00/anat/sub-00_CISS.nii.gz", moved(stack, 3.0, 4.0))
    for label in "AB":
        markers = Dataset(root).markers(label)
        write_annotation(markers, replace(stack.truth, annotator=label), durable=False)
        (sidecar,) = markers.glob("sub-00/*_annotation.json")
        document = json.loads(sidecar.read_text())
        sidecar.write_text(json.dumps({key: value for key, value in document.items() if key != "Images"}))
    return root


def command_of(name: str, root: Path, out: str) -> list[str]:
    """How a command is asked for what A marked, or A and B, on the dataset's image."""
    markers = [str(root / f"derivatives/markers-{label}") for label in "AB"]
    image = str(root / "rawdata/sub-00/anat/sub-00_CISS.nii.gz")
    asked = ["--subject", "00", "--segments", "L1 L2", "--out", out]
    on_image = [*asked, "--ciss", image]
    others = {
        "adopt": [str(root), out, "--segments", "L1 L2"],
        "check": [markers[0], "--subject", "00", "--segments", "L1 L2", "--ciss", image],
        "compare": [*markers, *on_image, "--not-blind"],
        "consensus": [*markers, *on_image, "--not-blind"],
        "from-labels": [image, "--label", "1=cord", *on_image[:-4], "--out", markers[0], "--ciss", image],
        "mesh": [markers[0], *on_image, "--mesher", "none"],
        "run": [str(root), out, "participant", "--segments", "L1 L2", "--not-blind", "--steps", "model"],
        "score": [markers[0], *on_image, "--labels", image, "--label", "1=cord"],
        "sensitivity": [markers[0], *on_image, "--lead", "cylinder-8", "--at", "L1"],
        "to-nnunet": [str(root), out, "--annotator", "A", "--segments", "L1 L2"],
        "trace": [str(root), "--annotator", "A", *asked],
        **{name: [str(root), *asked] for name in ("quality", "strips")},
    }
    return [name, *others.get(name, [markers[0], *on_image])]


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - WITHOUT_MARKS))
def test_every_command_refuses_such_an_image_until_it_is_accepted(
    dataset: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "mesh":
        pytest.importorskip("manifold3d", reason="the conforming set needs manifold3d")
    before = {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()}
    command = command_of(name, dataset, str(tmp_path / "out"))
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "another subject, or a mirrored one?" in told
    assert {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()} == before
    # what goes wrong is logged, and adopt copies images as they are
    made = [path for path in (tmp_path / "out").rglob("sub-00*") if not {"logs", "rawdata"} & set(path.parts)]
    assert made == []
    if name == "trace":  # it has nothing to go by there, whoever accepts it
        return
    assert "sub-00_CISS.nii.gz does not seem to be the image that was annotated: " in told
    assert "(--accept-image takes it all the same)" in told
    if name in ("check", "labels", "consensus", "strips"):  # the rest takes the option as these do, and longer to work
        assert main([*command, "--accept-image"]) == 0
        told = capsys.readouterr()
        assert "does not seem to be the image that was annotated" in told.out + told.err
