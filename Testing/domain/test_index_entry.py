"""What the Extensions Index looks for holds, and the checks find what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from index_entry import (
    CHECKS,
    ROOT,
    check_addresses,
    check_description,
    check_line_ends,
    check_links,
    check_names,
    check_pictures,
    check_schema,
    entry,
    move,
)
from SpineRootLib import __version__


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the checks read, to be spoilt."""
    pages = ("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md")
    for name in ("SpineRoot.json", "CMakeLists.txt", "CITATION.cff", "pyproject.toml", *pages):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("SpineRootAnnotator", "SpineRootModeler"):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / name / f"{name}.py", tmp_path / name)
    for name in ("Resources", "Documentation"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_extension_is_as_the_index_asks(check):
    assert list(check(ROOT)) == []


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def test_an_entry_with_a_key_that_the_schema_does_not_know_is_found(copy):
    (copy / "SpineRoot.json").write_text(json.dumps({**entry(copy), "icon": "x"}), encoding="utf-8")
    assert list(check_schema(copy)) == ["icon is not a key of the schema"]


def test_an_entry_with_a_tier_in_words_is_found(copy):
    spoil(copy / "SpineRoot.json", '"tier": 3', '"tier": "three"')
    assert "tier is not a int" in list(check_schema(copy))


def test_line_ends_of_windows_are_found(copy):
    spoil(copy / "SpineRoot.json", "\n", "\r\n")
    assert list(check_line_ends(copy)) == ["SpineRoot.json has line ends other than LF"]


def test_another_name_of_the_project_is_found(copy):
    spoil(copy / "CMakeLists.txt", "project(SpineRoot", "project(SpinalRoot")
    assert list(check_names(copy)) == ["CMakeLists.txt has no project(SpineRoot)"]


def test_an_icon_that_is_set_on_two_lines_is_found(copy):
    spoil(copy / "CMakeLists.txt", "set(EXTENSION_ICONURL ", "set(EXTENSION_ICONURL\n  # drawn for it\n  ")
    assert 'there is no set(EXTENSION_ICONURL "...") on one line' in list(check_pictures(copy))


def test_a_screenshot_that_is_not_there_is_found(copy):
    (copy / "Resources" / "SpineRoot.png").unlink()
    assert list(check_pictures(copy)) == ["Resources/SpineRoot.png is no PNG file of this repository"]


def test_a_patent_that_the_description_does_not_name_is_found(copy):
    spoil(copy / "Documentation" / "faq.md", "US20230414290A1", "US20230414290A1 and US1A1")
    fault = "EXTENSION_DESCRIPTION does not name US1A1, which the questions name"
    assert list(check_description(copy)) == [fault]


def test_a_link_to_nothing_is_found(copy):
    (copy / "Documentation" / "developers.md").unlink()
    assert any("developers.md, which is not there" in fault for fault in check_links(copy))


def test_a_link_to_a_heading_that_is_not_there_is_found_in_pages_and_in_help_texts(copy):
    protocol = copy / "Documentation" / "annotation-protocol.md"
    spoil(protocol, "## How two annotators agree", "## Two annotators")
    spoil(copy / "README.md", "## How to cite", "## Citing")
    spoil(copy / "README.md", "## Modules", "[how](Documentation/developers.md#the-house) [so](#nowhere)\n\n## Modules")
    faults = list(check_links(copy))
    assert "README.md links #nowhere, and there is no such heading" in faults
    assert "SpineRootAnnotator.py links README.md#how-to-cite, and there is no such heading" in faults
    linked = "Documentation/annotation-protocol.md#how-two-annotators-agree"
    assert f"SpineRootModeler.py links {linked}, and there is no such heading" in faults
    assert len(faults) == 5  # the Modeler's way to cite as well, and that of the questions


def test_one_command_moves_the_repository_to_another_address(copy):
    changed = move(copy, "https://github.com/a-lab/SlicerSpineRoot")
    assert {"SpineRoot.json", "CMakeLists.txt", "SpineRootModeler/SpineRootModeler.py"} <= set(changed)
    assert entry(copy)["scm_url"] == "https://github.com/a-lab/SlicerSpineRoot"
    faults = [fault for check in (check_names, check_pictures, check_addresses) for fault in check(copy)]
    assert faults == []
    for name in ("CMakeLists.txt", "pyproject.toml", "CITATION.cff", "CONTRIBUTING.md"):
        assert "SlicerSpineRoot/SlicerSpineRoot" not in (copy / name).read_text(encoding="utf-8")


def test_an_address_that_was_left_behind_is_found(copy):
    spoil(copy / "SpineRootModeler" / "SpineRootModeler.py", "github.com/SlicerSpineRoot/", "github.com/elsewhere/")
    assert list(check_addresses(copy)) == [
        "SpineRootModeler/SpineRootModeler.py has the address of elsewhere/SlicerSpineRoot,"
        " not of SlicerSpineRoot/SlicerSpineRoot"
    ]


def test_the_version_stands_in_one_place_and_in_the_changelog():
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for name in ("CMakeLists.txt", "pyproject.toml", "SpineRoot.json"):
        assert __version__ not in (ROOT / name).read_text(encoding="utf-8"), f"{name} repeats the version"
