"""The developers' page leads to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "Documentation" / "developers.md"
_PATH = re.compile(r"`([\w./]+(?:\.py|/))`")


def test_every_file_and_folder_that_the_page_names_is_there():
    named = set(_PATH.findall(PAGE.read_text(encoding="utf-8")))
    assert len(named) > 20
    of_the_project = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "run"]
    there = [path.as_posix() for folder in of_the_project for path in [folder, *folder.rglob("*")]]
    missing = [name for name in named if not any(path.endswith(f"/{name.rstrip('/')}") for path in there)]
    assert missing == []


@pytest.mark.parametrize("registry", ["RULES", "COMMANDS", "ACTIONS", "FORMATS", "STRUCTURES", "SPINAL_SEGMENTS"])
def test_every_list_that_the_page_sends_to_is_in_the_code(registry):
    assert f"`{registry}`" in PAGE.read_text(encoding="utf-8")
    sources = (ROOT / "SpineRootAnnotator").rglob("*.py")
    assert any(re.search(rf"^{registry}\b.*=", path.read_text(encoding="utf-8"), re.MULTILINE) for path in sources)
