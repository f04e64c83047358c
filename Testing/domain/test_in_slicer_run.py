"""`make test-slicer` never hangs, whatever Slicer does, and says plainly when it cannot run."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from in_slicer.run import MODULES, ROOT, TIMED_OUT, launch, main, run_for

posix = pytest.mark.skipif(os.name != "posix", reason="a script of a shell stands in for Slicer")


def is_running(process: int) -> bool:
    """Whether a process is there and not only waiting to be buried."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


@pytest.fixture
def slicer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands in for Slicer; its text is to be written by the test."""
    monkeypatch.setenv("DISPLAY", ":0")  # the stand-in draws nothing
    path = tmp_path / "Slicer"
    path.touch()
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@posix
def test_a_slicer_that_hangs_is_ended_with_all_that_it_started(slicer, tmp_path, capsys):
    child = tmp_path / "child"
    slicer.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {child}\nwait\n")
    assert launch(str(slicer), "self_tests.py", seconds=1.0) == TIMED_OUT
    assert "Ended after 1 s" in capsys.readouterr().err
    deadline = time.monotonic() + 10.0
    while is_running(int(child.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(int(child.read_text()))


@posix
def test_slicers_exit_status_is_handed_on(slicer):
    slicer.write_text("#!/bin/sh\nexit 7\n")
    assert launch(str(slicer), "self_tests.py") == 7


@posix
def test_both_modules_and_the_script_are_given_and_nothing_of_this_python(slicer, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    seen = tmp_path / "seen"
    slicer.write_text(f'#!/bin/sh\necho "$@" > {seen}\nenv >> {seen}\n')
    assert launch(str(slicer), "self_tests.py", "SpineRootAnnotator") == 0
    arguments, *environment = seen.read_text().splitlines()
    modules = arguments.partition("--additional-module-paths")[2].split()[:2]
    assert modules == [str(ROOT / name) for name in MODULES]
    assert "--testing" in arguments
    assert arguments.endswith("self_tests.py SpineRootAnnotator")
    assert not [line for line in environment if line.startswith(("PYTHONPATH=", "VIRTUAL_ENV="))]


def test_a_command_that_ends_in_time_is_left_alone():
    assert run_for([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), 60.0) == 3


def test_no_slicer_is_said_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SLICER", raising=False)
    assert launch("", "self_tests.py") == 2
    assert capsys.readouterr().err.startswith("No Slicer was found")


def test_where_it_may_be_missing_no_slicer_is_said_and_no_fault(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SLICER", raising=False)
    assert main(["--if-there"]) == 0
    assert capsys.readouterr().out.startswith("No Slicer on PATH: its self-tests are not run")
