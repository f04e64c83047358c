"""What GitHub runs is pinned and bounded, calls what is there, and the lock holds what the project asks for."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sources import ROOT, relative

WORKFLOW_FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(WORKFLOW_FOLDER.glob("*.yml"))
COMMIT = r"[0-9a-f]{40}"


def lines(path):
    """The lines of a workflow with their numbers, without comments of their own."""
    text = path.read_text(encoding="utf-8").splitlines()
    return [(number, line) for number, line in enumerate(text, start=1) if not line.lstrip().startswith("#")]


def jobs(path):
    """The lines of each job, by its name."""
    found, name = {}, None
    for _, line in lines(path)[[line for _, line in lines(path)].index("jobs:") + 1 :]:
        if match := re.fullmatch(r"  ([\w-]+):", line):
            name = match[1]
            found[name] = []
        elif name is not None:
            found[name].append(line)
    return found


def test_there_is_a_workflow_for_changes_and_one_for_releases():
    assert {path.stem for path in WORKFLOWS} >= {"ci", "release"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=relative)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path):
    used = [(number, line) for number, line in lines(path) if "uses:" in line]
    pinned = re.compile(rf"\s+(- )?uses: [\w-]+/[\w/-]+@{COMMIT} # v\d+\.\d+\.\d+")
    assert used
    assert [each for each in used if not pinned.fullmatch(each[1])] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=relative)
def test_no_other_repository_is_followed_by_its_branch(path):
    refs = [(number, line.split("ref:")[1].strip()) for number, line in lines(path) if re.match(r"\s+ref:", line)]
    assert [each for each in refs if not re.fullmatch(COMMIT, each[1])] == []
    asked = sum(bool(re.match(r"\s+repository:", line)) for _, line in lines(path))
    assert len(refs) == asked


@pytest.mark.parametrize("path", WORKFLOWS, ids=relative)
def test_every_job_ends_in_time_and_may_only_read(path):
    assert [name for name, job in jobs(path).items() if not any("timeout-minutes:" in line for line in job)] == []
    assert "permissions:\n  contents: read\n" in path.read_text(encoding="utf-8")


def scripts_of(path):
    """The files of the tests that a workflow names."""
    text = "\n".join(line for _, line in lines(path))
    return re.findall(r"(?<![\w/])Testing/[\w/]+(?:\.py)?", text)


def test_changes_are_held_to_the_index_and_the_floors_and_a_release_to_its_notes():
    assert {"Testing/index_entry.py", "Testing/coverage_floors.py"} <= set(scripts_of(WORKFLOW_FOLDER / "ci.yml"))
    assert scripts_of(WORKFLOW_FOLDER / "release.yml") == ["Testing/release_notes.py"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=relative)
def test_what_it_runs_is_in_the_repository(path):
    text = "\n".join(line for _, line in lines(path))
    scripts = scripts_of(path)
    targets = set(re.findall(r"\bmake ([\w-]+)", text))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [script for script in scripts if not (ROOT / script).exists()] == []
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def wanted():
    """What the project needs to be tested and linted, by name; its own extras are looked into."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts, due = list(project["dependencies"]), ["test", "lint"]
    while due:
        for text in extras[due.pop()]:
            requirement = Requirement(text)
            if requirement.name == project["name"]:
                due += sorted(requirement.extras)
            else:
                texts.append(text)
    return [Requirement(text) for text in texts]


def locked():
    """The versions of the lock, by name."""
    text = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    pairs = [line.split("==") for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_the_lock_holds_what_the_project_asks_for():
    pinned = {each: locked().get(canonicalize_name(each.name)) for each in wanted()}
    wrong = {str(each): version for each, version in pinned.items() if not version or version not in each.specifier}
    assert wrong == {}
