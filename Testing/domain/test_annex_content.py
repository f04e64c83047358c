"""Datasets of git-annex and DataLad: what was not fetched is named, and links are no reason to keep what is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from image_of_spine import COUNT, image_of_spine
from raters_on_disk import put
from straight_spine import straight_spine

from links import needs_links
from SpineRootLib.anatomy import Root
from SpineRootLib.annotation_files import read_annotation, write_annotation
from SpineRootLib.commands import main
from SpineRootLib.errors import DatasetError
from SpineRootLib.images import write_image
from SpineRootLib.provenance import Provenance
from SpineRootLib.surfaces.made_files import checksums, remove_outdated

KEY = "MD5E-s52311--0123456789abcdef0123456789abcdef.nii.gz"
L1_L = Root("L1", "L")


def as_link(path: Path) -> None:
    """A file as git-annex leaves it when its content is elsewhere."""
    path.unlink(missing_ok=True)
    path.symlink_to(Path("../../../.git/annex/objects/Xx/Yy") / KEY / KEY)


def as_pointer(path: Path) -> None:
    """The same, unlocked."""
    path.write_text(f"/annex/objects/{KEY}\n")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    root = tmp_path / "dataset"
    write_image(root / "rawdata/sub-01/anat/sub-01_CISS.nii.gz", image_of_spine())
    put(root / "derivatives", straight_spine(count=COUNT), "A", ciss=None)
    return root


@needs_links
@pytest.mark.parametrize("leave", [as_link, as_pointer])
@pytest.mark.parametrize("command", ["quality", "trace", "run"])
def test_an_image_that_was_not_fetched_is_named(
    dataset: Path, leave, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(dataset / "rawdata/sub-01/anat/sub-01_CISS.nii.gz")
    out = str(dataset.parent / "out")
    own = {
        "quality": ["--subject", "01", "--out", out],
        "trace": ["--subject", "01", "--annotator", "A", "--out", out],
        "run": [out, "participant"],
    }
    assert main([command, str(dataset), *own[command]]) == 2
    assert "content was not fetched: datalad get sub-01_CISS.nii.gz" in capsys.readouterr().err


@needs_links
@pytest.mark.parametrize("leave", [as_link, as_pointer])
@pytest.mark.parametrize("name", ["sub-01_nerveroots_L1_L.json", "sub-01_annotation.json"])
def test_markups_and_sidecars_that_were_not_fetched_are_named(dataset: Path, leave, name: str) -> None:
    markers = dataset / "derivatives/markers-A"
    leave(markers / "sub-01" / name)
    with pytest.raises(DatasetError, match=f"{name}: is kept by git-annex .* datalad get {name}"):
        read_annotation(markers, "01")


@needs_links
def test_a_sidecar_that_leads_nowhere_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "sub-01_annotation.json").symlink_to("gone.json")
    with pytest.raises(DatasetError, match="is a link to a file that is not there"):
        Provenance.read(tmp_path / "sub-01_annotation.json")


@needs_links
def test_a_root_that_nobody_marks_any_more_is_gone_though_its_file_was_annexed(dataset: Path) -> None:
    markers = dataset / "derivatives/markers-A"
    path = markers / "sub-01/sub-01_nerveroots_L1_L.json"
    content = dataset / ".git/annex/objects/kept.json"
    content.parent.mkdir(parents=True)
    path.rename(content)
    path.symlink_to("../../../.git/annex/objects/kept.json")
    annotation = read_annotation(markers, "01")
    del annotation.roots[L1_L]
    write_annotation(markers, annotation)
    assert L1_L not in read_annotation(markers, "01").roots
    assert content.is_file()


@needs_links
def test_an_annexed_surface_of_an_earlier_run_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "model/sub-01"
    content = tmp_path / ".git/annex/objects/kept.vtp"
    for each in (folder, content.parent):
        each.mkdir(parents=True)
    surface = folder / "sub-01_nerveroots_L1_L.vtp"
    surface.write_text("surface")
    digest = checksums(folder, [surface])[surface.name]
    (folder / "sub-01_model.json").write_text(f'{{"files": {{"{surface.name}": "{digest}"}}}}')
    surface.rename(content)
    surface.symlink_to("../../.git/annex/objects/kept.vtp")
    assert remove_outdated(folder, "01") == [surface]
    assert content.is_file()
