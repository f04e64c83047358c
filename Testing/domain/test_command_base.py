"""What the commands share: their summary and their arguments."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from SpineRootLib.commands.base import Summary, add_formats, add_margins, chosen_formats, margins_of, number_above_zero
from SpineRootLib.errors import MissingExtraError, SpineRootError


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


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ([], ("trk", "vtp")),
        (["--format", "swc"], ("swc",)),
        (["--format", "vtp", "--format", "swc"], ("vtp", "swc")),
        (["--format", "vtp,swc,vtp"], ("vtp", "swc")),
        (["--format", "vtp/swc,", "--format=trk"], ("vtp", "swc", "trk")),
    ],
)
def test_formats_are_named_one_by_one_or_with_commas(words, chosen):
    known, parser = ("trk", "vtp", "swc"), argparse.ArgumentParser()
    add_formats(parser, known, known[:2], "the lines")
    assert chosen_formats(parser.parse_args(words), known, "centreline") == chosen
    with pytest.raises(SpineRootError, match="'stl' is no centreline format"):
        chosen_formats(parser.parse_args(["--format", "vtp,stl"]), known, "centreline")


def test_what_follows_formats_and_margins_is_none_of_them():
    parser = argparse.ArgumentParser()
    parser.add_argument("markers", nargs="+")
    add_formats(parser, ("stl", "vtp"), ("vtp",), "the surfaces")
    add_margins(parser)
    found = parser.parse_args(["--format", "stl", "--margin", "2", "markers-A", "markers-B"])
    assert found.markers == ["markers-A", "markers-B"]
    assert (chosen_formats(found, ("stl", "vtp"), "surface"), margins_of(found)) == (("stl",), (2.0,))
    assert margins_of(parser.parse_args(["A", "--margin", "10,2", "--margin", "0.5"])) == (0.5, 2.0, 10.0)
