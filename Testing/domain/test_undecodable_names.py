"""A folder whose name is no UTF-8, as out of an old archive: a command works in it, or says so in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from raters_on_disk import CISS, put
from straight_spine import straight_spine

from SpineRootLib.commands import main
from SpineRootLib.images import Image, write_image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Zürich in Latin-1, with two annotators and the image of their subject."""
    folder = tmp_path / "Z\udcfcrich"
    try:
        folder.mkdir()
    except (OSError, UnicodeError):
        pytest.skip("this disk takes names in UTF-8 alone")
    for label in ("A", "B"):
        put(folder, straight_spine(), label)
    image = Image(np.ones(CISS["Shape"], np.int16), np.array(CISS["Affine"]))
    write_image(tmp_path / CISS["File"], image).replace(folder / CISS["File"])
    return folder


def arguments(command: str, folder: Path) -> list[str]:
    """A command whose input and output lie in the folder."""
    annotators = [str(path) for path in sorted(folder.rglob("markers-*"))]
    shared = ["--subject", "01", "--out", str(folder / "out")]
    return {
        "check": ["check", annotators[0], "--subject", "01"],
        "compare": ["compare", *annotators, *shared],
        "model": ["model", annotators[0], *shared],
        "labels": ["labels", annotators[0], "--ciss", str(folder / CISS["File"]), *shared],
        "phantom": ["phantom", str(folder / "made"), "--subject", "02", "--small", "--crowding", "0"],
    }[command]


@pytest.mark.parametrize("command", ["check", "compare"])
def test_a_command_that_writes_text_works_there(folder, capsys, command):
    assert main([*arguments(command, folder), "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["model", "labels", "phantom"])
def test_a_command_that_needs_images_or_surfaces_says_so_in_one_sentence(folder, capsys, command):
    assert main(arguments(command, folder)) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Z\\udcfcrich" in said and "no UTF-8: rename it" in said
