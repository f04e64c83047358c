"""What is written after the parser is as the parser is now, and other programs can read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import boutiques
import command_reference
from SpineRootLib.commands import COMMANDS, main, parser_of

DESCRIPTOR = json.loads(boutiques.DESCRIPTOR.read_text(encoding="utf-8"))


def test_the_descriptor_is_that_of_the_parser() -> None:
    assert boutiques.DESCRIPTOR.read_text(encoding="utf-8") == boutiques.text(), "python Testing/boutiques.py writes it"


def test_the_page_of_commands_is_that_of_the_parser() -> None:
    text = "python Testing/command_reference.py writes it"
    assert command_reference.PAGE.read_text(encoding="utf-8") == command_reference.page(), text
    for name in COMMANDS:
        assert f"\n## spineroot {name}\n" in command_reference.page()


def filled(values: dict[str, str]) -> list[str]:
    """The command line that a platform makes of the descriptor and values of some inputs."""
    words = DESCRIPTOR["command-line"]
    for each in DESCRIPTOR["inputs"]:
        value = values.get(each["id"])
        flag = each.get("command-line-flag", "")
        words = words.replace(each["value-key"], "" if value is None else f"{flag} {value}")
    assert "[" not in words
    return words.split()


def test_what_a_platform_makes_of_the_descriptor_is_a_command_line_that_the_program_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"dataset": str(tmp_path / "none"), "out": str(tmp_path / "out"), "level": "participant"}
    values |= {"participant_label": "01 sub-02", "n_jobs": "2", "mem_mb": "4000", "quiet": "", "steps": "check model"}
    program, *words = filled(values)
    options = parser_of("run").parse_args(words[1:])
    assert (options.participant_label, options.n_jobs, options.steps) == (["01", "02"], 2, ["check", "model"])
    assert program == "spineroot"
    assert main(words) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_boutiques_itself_finds_the_descriptor_valid() -> None:
    validator = shutil.which("bosh")
    if validator is None:
        pytest.skip("Boutiques is not installed (pip install boutiques)")
    command = [validator, "validate", str(boutiques.DESCRIPTOR)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "OK")


# prints what is loaded of the libraries that take a second or more
LOADED = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from SpineRootLib.commands import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(sorted({name.split(".")[0] for name in sys.modules} & {"numpy", "scipy", "vtkmodules", "SimpleITK"}))
"""


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_the_program_answers_without_loading_what_only_work_needs(word: str) -> None:
    place = str(Path(boutiques.__file__).parents[1] / "SpineRootAnnotator")
    started = [sys.executable, "-c", LOADED, place, word]
    ended = subprocess.run(started, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_every_argument_is_explained_on_its_page() -> None:
    rows = re.findall(r"^\| `.*\| (.*) \|$", command_reference.page(), re.MULTILINE)
    assert len(rows) > 80
    assert [row for row in rows if len(row) < 5] == []
