"""Slicer's own script finds every text that a user reads."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree

import pytest

from translations import ROOT, catalogue, drawn, found, meant, panels, python_files, write

SHOWN = {"text", "toolTip", "title", "placeholderText", "windowTitle", "suffix", "prefix", "helpText"}
SHOWING = {"say", "setText", "setToolTip", "setTitle", "setWindowTitle", "showStatusMessage", "errorDisplay"}
A_LABEL = "me"  # of an annotator, a name in files


def name(path):
    return path.relative_to(ROOT).as_posix()


def is_text(node):
    """Whether a piece of code is a text in words, rather than a number, a name or nothing."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    words = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(character.isalpha() for character in "".join(words)) and words != [A_LABEL]


def untranslated(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Attribute) and target.attr in SHOWN for target in node.targets
        ):
            shown = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING:
            shown = node.args[:1]
        else:
            continue
        yield from (f"line {node.lineno}: {ast.unparse(each)}" for each in shown if is_text(each))


@pytest.mark.parametrize("path", python_files(), ids=name)
def test_every_text_is_found_by_slicers_script(path):
    assert found(path) == meant(path)


@pytest.mark.parametrize("path", python_files(), ids=name)
def test_every_text_that_is_shown_is_translated(path):
    assert list(untranslated(path)) == []


@pytest.mark.parametrize("path", panels(), ids=name)
def test_no_text_of_a_panel_is_marked_as_not_to_be_translated(path):
    kept = [node.text for node in ElementTree.parse(path).iter("string") if node.get("notr") and node.text]
    assert kept == []
    assert len(drawn(path)) > 20


def test_the_catalogue_can_be_written_and_read(tmp_path):
    texts = catalogue()
    write(texts, tmp_path / "SpineRoot_en-US.ts")
    read = ElementTree.parse(tmp_path / "SpineRoot_en-US.ts")
    assert [node.text for node in read.iter("source")] == [text for each in texts.values() for text in each]
    assert "SpineRoot Annotator" in texts["SpineRootAnnotator"]


def test_a_text_that_is_shown_as_it_is_is_found(tmp_path):
    (tmp_path / "panel.py").write_text('label.text = "Saved"\nsession.say(f"{n} points")\nlabel.text = ""\n')
    assert list(untranslated(tmp_path / "panel.py")) == ["line 1: 'Saved'", "line 2: f'{n} points'"]
