"""The documentation as a site: every page is in it, every link leads somewhere, words are spelled as they are."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sources import ROOT

PAGES = ROOT / "Documentation"
CONFIG = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def listed(nav: Any) -> Iterator[str]:
    """The pages that the navigation names."""
    if isinstance(nav, str):
        yield nav
    for each in nav if isinstance(nav, list) else nav.values() if isinstance(nav, dict) else ():
        yield from listed(each)


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(listed(CONFIG["nav"])) == sorted(path.name for path in PAGES.glob("*.md"))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_pages_speak_of_the_project_alone() -> None:
    elsewhere = re.compile(r"(?<!\w)/work/|\.\./shared")
    pages = [*PAGES.rglob("*.md"), *PAGES.rglob("*.json"), ROOT / "README.md"]
    assert [path.name for path in pages if elsewhere.search(path.read_text(encoding="utf-8"))] == []


def test_the_site_is_built_with_no_warning_and_needs_no_network(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="MkDocs is not installed (pip install '.[docs]')")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    for page in tmp_path.glob("*.html"):
        fetched = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(https?://[^\"]+)", page.read_text())
        assert [each for each in fetched if not each.startswith(CONFIG["repo_url"])] == [], page.name


def test_words_are_spelled_as_they_are() -> None:
    tool = shutil.which("codespell", path=str(Path(sys.executable).parent)) or shutil.which("codespell")
    if tool is None:
        pytest.skip("codespell is not installed (pip install '.[docs]')")
    command = [tool, "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Documentation"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout == ""
