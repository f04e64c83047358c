"""What the commands share: their summary, their arguments, and progress on a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from SpineRootLib.commands.base import Summary, number_above_zero, terminal_progress
from SpineRootLib.errors import Cancelled, MissingExtraError, SpineRootError
from SpineRootLib.progress import part, report


def test_progress_is_shown_on_a_terminal_only(capsys, monkeypatch):
    assert terminal_progress() is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show = terminal_progress()
    assert show is not None
    show(0.25, "reading")
    show(1.0, "done")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert " 25 % reading" in shown.err
    assert shown.err.endswith("100 % done\n")


def test_a_part_of_the_work_is_told_as_a_part_of_the_whole():
    told = []
    whole = lambda fraction, text: told.append((fraction, text))  # noqa: E731
    report(part(whole, 0.5, 0.75), 0.5, "half of it")
    report(None, 0.5, "to nobody")
    assert told == [(0.625, "half of it")]
    assert part(None, 0.0, 1.0) is None


def test_work_that_is_asked_to_stop_is_cancelled():
    with pytest.raises(Cancelled, match="cancelled"):
        report(lambda *_: False, 0.5, "half of it")
    report(lambda *_: None, 0.5, "going on")


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", ""])
def test_a_number_that_is_not_above_zero_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="no number above zero"):
        number_above_zero(text)


def test_a_summary_is_lines_for_people_and_values_for_programs():
    summary = Summary(("one", "two"), {"count": 2}, (Path("a.tsv"),))
    assert str(summary) == "one\ntwo"
    assert summary.as_json(["look"]) == {"count": 2, "files": ["a.tsv"], "warnings": ["look"]}


def test_errors_name_their_source_and_how_to_mend_them():
    assert str(SpineRootError("is no file", "a.json")) == "a.json: is no file"
    assert str(SpineRootError("no segment was named")) == "no segment was named"
    assert "pip install 'spineroot[model]'" in str(MissingExtraError("manifold3d", "model", "modelling"))
    assert str(MissingExtraError("matplotlib", "", "drawing")).endswith("not installed: pip install matplotlib")
