"""Every translated text is one that the catalogue can hold: not put together before it is translated."""

from __future__ import annotations

import ast

from sources import check_files, session_files, tree, widget_files

TRANSLATORS = {"_", "tr", "translate"}


def translated(path):
    """The calls that translate, with the text that they are given."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATORS:
            yield node, node.args[-1] if node.args else None


def computed(path):
    """Texts that are put together before they are translated: they would be new to the catalogue."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node, text in translated(path)
        # a name stands for a title that another file holds
        if not isinstance(text, (ast.Constant, ast.Name, ast.Attribute))
    ]


def unnamed(path):
    """Texts whose placeholders have no names."""
    return [
        f"line {node.lineno}: {text.value}"
        for node, text in translated(path)
        if isinstance(text, ast.Constant) and ("{}" in text.value or "%s" in text.value or "{0}" in text.value)
    ]


def test_no_f_string_and_nothing_put_together_hides_in_a_translation():
    check_files(computed, [*widget_files(), *session_files()])


def test_placeholders_have_names():
    check_files(unnamed, widget_files())


def test_texts_of_the_widgets_are_translated():
    assert sum(1 for path in widget_files() for _ in translated(path)) > 10
