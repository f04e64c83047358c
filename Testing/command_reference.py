"""Writes the page of all commands and their arguments, after the parser: `python Testing/command_reference.py`.

A test compares Documentation/commands.md with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "SpineRootAnnotator"))

from SpineRootLib.commands import COMMANDS, parser_of  # noqa: E402

PAGE = ROOT / "Documentation" / "commands.md"
_HEAD = """# Commands

What each command of `spineroot` takes. This page is written from the program (`python Testing/command_reference.py`);
`spineroot COMMAND --help` says the same. Without an installation it is `python -m SpineRootLib COMMAND`.

Every command ends with status 0 if all went well, 2 with one sentence on what is wrong (bad input, or subjects that
failed in `run`), 130 after Ctrl+C and 143 after SIGTERM. Files are written whole or not at all, and a command can be
repeated. How far it is stands on a terminal as a bar with the time left, in a log as a line every ten seconds of what
takes longer than two.
"""
_COMMON = """
## All commands

Beside their own, all take these:

"""


def _words(action: argparse.Action) -> str:
    """How an argument is typed."""
    one = action.metavar or (f"{{{','.join(action.choices)}}}" if action.choices else action.dest.upper())
    word = str(one)
    values = {0: "", "+": f"{word} [{word} ...]", "*": f"[{word} ...]"}.get(action.nargs, word)
    names = ", ".join(f"`{name}`" for name in action.option_strings)
    return " ".join(filter(None, (names, f"`{values}`" if values else "")))


def _row(action: argparse.Action) -> str:
    text = (action.help or "") % {"default": action.default, "prog": "spineroot"}
    needed = " **(needed)**" if action.option_strings and action.required else ""
    return f"| {_words(action)} | {text}{needed} |"


def _table(actions: list[argparse.Action]) -> Iterator[str]:
    yield "| argument | |"
    yield "|---|---|"
    yield from map(_row, actions)


def page() -> str:
    """The page as it should be."""
    common = ("help", "json", "json_lines", "quiet")
    lines: list[str] = []
    shared: list[argparse.Action] = []
    for name in COMMANDS:
        parser = parser_of(name)
        shared = [each for each in parser._actions if each.dest in common]
        lines += [f"\n## spineroot {name}\n", f"{parser.description}\n"]
        lines += _table([each for each in parser._actions if each.dest not in common])
        lines += [f"\n{parser.epilog}"] if parser.epilog else []
    return "\n".join([_HEAD.rstrip(), *lines, _COMMON.rstrip() + "\n", *_table(shared)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
