"""The widget files, which no test without Slicer can run, against the names of a real Slicer."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from sources import MODULES, ROOT, check_files, relative, session_files, tree, widget_files

# a checker with tables of Slicer's names; it is not part of the repository
CHECKER = ROOT.parent / "shared" / "tools" / "uicheck" / "uicheck.py"
NODE_CONNECTION = ("mrmlSceneChanged(vtkMRMLScene*)", "setMRMLScene(vtkMRMLScene*)")


def ui_files(module: Path) -> list[Path]:
    """The forms of a module."""
    return sorted((module / "Resources" / "UI").glob("*.ui"))


@pytest.mark.skipif(not CHECKER.is_file(), reason="the tables of Slicer's names are not at hand")
@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_every_name_of_slicer_and_qt_exists(module):
    files = [str(path) for path in (*widget_files(), *session_files()) if path.is_relative_to(module)]
    command = [sys.executable, str(CHECKER), *files, "--ui", *map(str, ui_files(module))]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stderr == ""
    # the tables list no special methods, which every class has
    assert [line for line in said.stdout.splitlines() if not re.search(r"\.__\w+__ does not exist$", line)] == []


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_every_widget_that_a_form_is_asked_for_is_in_it(module):
    named = {widget.get("name") for form in ui_files(module) for widget in ET.parse(form).iter() if widget.get("name")}
    asked = {
        match[1]
        for path in widget_files()
        if path.is_relative_to(module)
        for match in re.finditer(r"\b(?:self\.)?ui\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert asked - named == set()


def unconnected(form: Path) -> set[str | None]:
    """The node selectors of a form that no connection tells of the scene."""
    document = ET.parse(form)
    selectors = {
        widget.get("name")
        for widget in document.iter("widget")
        if str(widget.get("class")).startswith("qMRML") and widget.get("class") != "qMRMLWidget"
    }
    connected = {
        each.findtext("receiver")
        for each in document.iter("connection")
        if (each.findtext("signal"), each.findtext("slot")) == NODE_CONNECTION
    }
    return selectors - connected


def test_every_node_selector_of_a_form_learns_of_the_scene():
    check_files(unconnected, [form for module in MODULES for form in ui_files(module)])


def deprecated(path: Path) -> list[str]:
    """The methods of Slicer 4's fiducials that a file calls."""
    old = re.compile(r"(Get|Set|Add|Remove|Unset|Reset)\w*(Fiducial|Markup)(s|FromArray)?$|NthFiducial|NthMarkup")
    return [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and old.search(node.attr)]


def test_no_deprecated_fiducial_method_is_used():
    check_files(deprecated, [*widget_files(), *session_files()])
