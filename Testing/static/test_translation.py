"""Every translated text is one that the catalogue can hold: not put together before it is translated."""

from __future__ import annotations

import ast

import pytest
from sources import relative, session_files, tree, widget_files

TRANSLATORS = {"_", "tr", "translate"}


def translated(path):
    """The calls that translate, with the text that they are given."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS:
            yield node, node.args[-1] if node.args else None


@pytest.mark.parametrize("path", [*widget_files(), *session_files()], ids=relative)
def test_no_f_string_and_nothing_put_together_hides_in_a_translation(path):
    # a name stands for a title that another file holds; anything computed would be new to the catalogue
    wrong = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node, text in translated(path)
        if not isinstance(text, (ast.Constant, ast.Name, ast.Attribute))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", widget_files(), ids=relative)
def test_placeholders_have_names(path):
    unnamed = [
        f"line {node.lineno}: {text.value}"
        for node, text in translated(path)
        if isinstance(text, ast.Constant) and ("{}" in text.value or "%s" in text.value or "{0}" in text.value)
    ]
    assert unnamed == []


def test_texts_of_the_widgets_are_translated():
    assert sum(1 for path in widget_files() for _ in translated(path)) > 10
