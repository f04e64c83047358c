"""What a command leaves: one sentence, and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from SpineRootLib.commands import main


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence with which a command ends; nothing may have been printed or written."""
    out = Path(arguments[arguments.index("--out") + 1])
    before = sorted(out.rglob("*"))
    assert main([*arguments, "--quiet"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sorted(out.rglob("*")) == before
    assert said.err.count("\n") == 1
    return said.err


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
