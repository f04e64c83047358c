"""A release says what its version changes, and the repository says in one voice whose it is and how to cite it."""

from __future__ import annotations

import json
import re
import shutil
import tomllib

import pytest
import yaml
from sources import ROOT, relative

from release_notes import VERSION_FILE, release_notes, version
from SpineRootLib import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def copy(tmp_path):
    """A version and a changelog of three parts."""
    (tmp_path / VERSION_FILE).parent.mkdir(parents=True)
    shutil.copy(ROOT / VERSION_FILE, tmp_path / VERSION_FILE)
    return tmp_path


def test_the_version_that_is_there_has_its_notes():
    assert version(ROOT) == __version__
    assert "SpineRoot Annotator" in release_notes(ROOT, f"v{__version__}")


def test_the_notes_are_the_part_of_the_version_alone(copy):
    notes = "- this\n\n### Mended\n\n- that\n"
    text = f"# Changelog\n\n## 99.0.0\n\nnext\n\n## {__version__} (today)\n\n{notes}\n## 0.0.1\n\nold\n"
    (copy / "CHANGELOG.md").write_text(text)
    assert release_notes(copy, f"v{__version__}") == notes


@pytest.mark.parametrize(
    ("tag", "changelog", "fault"),
    [
        ("v99.0.0", "## 99.0.0\n\ntext\n", "is not v"),
        (f"v{__version__}", "## 99.0.0\n\ntext\n", "says nothing about"),
        (f"v{__version__}", f"## {__version__}\n\n## 0.0.1\n\ntext\n", "says nothing about"),
        (f"v{__version__}", f"## {__version__}.1\n\ntext\n", "says nothing about"),
    ],
)
def test_a_tag_without_notes_is_refused_in_one_sentence(copy, tag, changelog, fault):
    (copy / "CHANGELOG.md").write_text(changelog)
    with pytest.raises(ValueError, match=fault):
        release_notes(copy, tag)


def test_the_citation_agrees_with_the_package_and_the_readme():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Homepage"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [each["doi"] for each in citation["references"]] == re.findall(r"\[doi:([^\]]+)\]", readme)


def test_zenodo_says_what_the_citation_says():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    record = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in record["creators"]] == [each["name"] for each in citation["authors"]]
    assert (record["title"], record["license"]) == (citation["title"], citation["license"])
    assert record["keywords"] == citation["keywords"]
    dois = [each["identifier"] for each in record["related_identifiers"]]
    assert dois == [each["doi"] for each in citation["references"]]


def test_the_conda_recipe_asks_for_what_the_package_asks_for():
    recipe = (ROOT / "Packaging" / "conda" / "meta.yaml").read_text(encoding="utf-8")
    run = re.search(r"\n  run:\n((?:    - .*\n)+)", recipe)[1]
    # conda-forge splits matplotlib; the surfaces need manifold3d
    asked = {line.replace("matplotlib-base", "matplotlib").replace(" ", "") for line in re.findall(r"- (.*)", run)}
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["model"]]
    wanted.append(f"python{PROJECT['requires-python']}")
    assert asked == {text.lower() for text in wanted}
    assert f"spineroot = {PROJECT['scripts']['spineroot']}" in recipe


def test_the_wheel_holds_the_package_and_no_tests():
    setuptools = pytest.importorskip("setuptools", reason="setuptools is not installed")
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    found = tools["setuptools"]["packages"]["find"]
    packages = setuptools.find_packages(str(ROOT / found["where"][0]), include=found["include"])
    assert "SpineRootLib.commands" in packages
    folders = [ROOT / found["where"][0] / name.replace(".", "/") for name in packages]
    files = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    assert [relative(path) for path in files if re.search("test|conftest", path.name, re.IGNORECASE)] == []
    assert len(files) > 200


def test_a_container_copies_all_that_its_installation_reads():
    listed = (ROOT / "Packaging" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in listed if line.startswith("!")}
    definition = (ROOT / "Packaging" / "spineroot.def").read_text(encoding="utf-8")
    copied = set(re.findall(r"^    (\S+) /src/", definition, re.MULTILINE))
    assert copied == allowed
    project_files = {PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml"}
    assert project_files <= allowed
    script = (ROOT / "Packaging" / "install.sh").read_text(encoding="utf-8")
    assert {path for path in re.findall(r"\$source/(Packaging/\w+\.\w+)", script)} <= allowed


@pytest.mark.parametrize("extra", PROJECT["optional-dependencies"])
def test_nothing_is_asked_for_twice(extra):
    def names(texts):
        return {re.match(r"[\w.-]+", text)[0].lower() for text in texts} - {PROJECT["name"]}

    assert names(PROJECT["optional-dependencies"][extra]) & names(PROJECT["dependencies"]) == set()


def test_the_forms_for_issues_are_whole():
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    read = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in forms}
    assert read.pop("config")["contact_links"]
    for form in read.values():
        assert {"name", "description", "body"} <= set(form)
        asked = [field["id"] for field in form["body"] if field["type"] != "markdown"]
        assert asked and len(asked) == len(set(asked))
