"""How far a command is, and how it is stopped: what a terminal, a log and a program are told."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from raters_on_disk import put
from straight_spine import straight_spine

from SpineRootLib.atomic import noting_written, write_text
from SpineRootLib.commands import main
from SpineRootLib.commands.progress import Bar, JsonLines, Lines, duration
from SpineRootLib.commands.stopping import Terminated, kept_sentence, status_of, stopped_by_signals
from SpineRootLib.errors import Cancelled
from SpineRootLib.progress import part, report

PACKAGE = Path(__file__).resolve().parents[2] / "SpineRootAnnotator"


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_a_terminal_is_shown_a_bar_with_the_time_left(stream: io.StringIO, clock: Clock) -> None:
    bar = Bar(stream, clock=clock)
    bar(0.0, "reading")
    clock.now = 30.0
    bar(0.25, "contours")
    assert "]  25 % contours, 90 s left" in stream.getvalue()
    bar(1.0, "written")
    assert stream.getvalue().endswith("100 % written\n")


def test_no_time_left_is_guessed_from_nothing(stream: io.StringIO, clock: Clock) -> None:
    bar = Bar(stream, clock=clock)
    clock.now = 0.5
    bar(0.5, "begun just now")
    clock.now = 20.0
    bar(0.01, "hardly begun")
    assert "left" not in stream.getvalue()


def test_a_bar_that_is_left_open_ends_its_line_before_a_sentence(stream: io.StringIO, clock: Clock) -> None:
    bar = Bar(stream, clock=clock)
    bar(0.5, "half")
    bar.close()
    bar.close()
    assert stream.getvalue().count("\n") == 1


def test_a_bar_is_drawn_no_more_often_than_one_sees(stream: io.StringIO, clock: Clock) -> None:
    bar = Bar(stream, clock=clock)
    for number in range(1000):
        clock.now = number / 1000
        bar(number / 1000, "at work")
    assert 5 <= stream.getvalue().count("\r") <= 11


def test_a_log_gets_lines_of_long_work_and_none_of_short_work(stream: io.StringIO, clock: Clock) -> None:
    lines = Lines(stream, clock=clock)
    clock.now = 4.0
    lines(1.0, "nothing was told before its end")
    assert stream.getvalue() == ""
    clock.now = 0.0
    lines = Lines(stream, clock=clock)
    for second in range(1, 101):
        clock.now = 1.0 + second
        lines(second / 100, "at work")
    told = stream.getvalue().splitlines()
    assert told[0] == "  1 % at work, 2 s"
    assert told[1] == " 11 % at work, 12 s, 97 s left"
    assert told[-1] == "100 % at work, 2 min"
    assert len(told) == 11


def test_a_program_gets_an_object_a_line(stream: io.StringIO, clock: Clock) -> None:
    objects = JsonLines(stream, clock=clock)
    clock.now = 4.0
    objects(0.5, "half")
    objects.result({"count": 3})
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert told[0] == {"event": "progress", "fraction": 0.5, "text": "half", "elapsed_s": 4.0, "left_s": 4.0}
    assert told[1] == {"event": "result", "count": 3}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (99.0, "99 s"), (100.0, "2 min"), (5999.0, "1 h 40 min"), (7500.0, "2 h 05 min")],
)
def test_a_time_is_told_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    return put(tmp_path / "derivatives", straight_spine(count=12, cord_slices=6), "A")


def test_every_command_shows_its_bar_on_a_terminal_and_none_when_it_shall_be_quiet(
    markers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["check", str(markers), "--subject", "01"]) == 0
    assert "]   0 % reading" in capsys.readouterr().err
    assert main(["check", str(markers), "--subject", "01", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_a_program_that_listens_is_told_progress_result_and_faults(
    markers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(markers), "--subject", "01", "--json-lines"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["event"] for each in told][0 :: len(told) - 1] == ["progress", "result"]
    assert told[-1]["subject"] == "01"
    assert main(["check", str(markers), "--subject", "77", "--json-lines"]) == 2
    said = capsys.readouterr()
    fault = json.loads(said.out.splitlines()[-1])
    assert (fault["event"], fault["status"]) == ("fault", 2)
    assert said.err == f"spineroot check: {fault['message']}\n"


def test_what_is_kept_of_stopped_work_is_said(tmp_path: Path) -> None:
    with noting_written() as written:
        assert kept_sentence(KeyboardInterrupt(), written) == "interrupted: nothing was written"
        write_text(tmp_path / "one.tsv", "")
        write_text(tmp_path / "sub-01" / "two.tsv", "")
        sentence = kept_sentence(KeyboardInterrupt(), written)
    assert sentence == f"interrupted: 2 files were written whole before and kept in {tmp_path}, nothing is half-written"
    write_text(tmp_path / "three.tsv", "")
    assert written.count == 2
    assert kept_sentence(KeyboardInterrupt("all of it"), written) == "interrupted: all of it"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM")
def test_who_ends_a_job_or_a_container_stops_it_as_ctrl_c_does() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Terminated) as stop, stopped_by_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    assert (status_of(stop.value), status_of(KeyboardInterrupt())) == (143, 130)
    assert signal.getsignal(signal.SIGTERM) is before


# Python runs it first in each process: work on the last subject never ends, so that some is left on any machine; Ctrl+C
# is heard where the tests themselves run in the background of a shell, which has its jobs ignore it
_ENDLESS_LAST_SUBJECT = """
import signal
import time
from SpineRootLib.cohort import processes

signal.signal(signal.SIGINT, signal.default_int_handler)

run_subject = processes.run_subject
processes.run_subject = lambda job: time.sleep(3600) if job.subject == "06" else run_subject(job)
"""


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent as a signal of POSIX")
def test_a_cohort_that_is_interrupted_ends_with_its_processes_says_what_is_kept_and_goes_on_from_there(
    tmp_path: Path,
) -> None:
    dataset, out = tmp_path / "dataset", tmp_path / "out"
    subjects = [f"{number:02}" for number in range(1, 7)]
    for subject in subjects:
        spine = straight_spine(count=6, cord_slices=3)
        spine.subject = subject
        put(dataset / "derivatives", spine, "A", ciss=None)
    (tmp_path / "sitecustomize.py").write_text(_ENDLESS_LAST_SUBJECT, encoding="utf-8")
    command = ["run", str(dataset), str(out), "participant", "--steps", "check", "--n-jobs", "2"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PACKAGE)])}
    start = [sys.executable, "-m", "SpineRootLib", *command, "--json-lines"]
    # a group of its own, as a shell gives it, to all of which a terminal sends Ctrl+C
    with subprocess.Popen(
        start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            if re.search(r"\b[1-9]\d* of 6 subjects", line):
                break
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()  # to its end, which comes when all processes that write there have ended
        assert process.wait() == 130
    assert "of 6 subjects are done and kept" in said
    assert said.count("\n") == 1
    kept = len(list(out.glob("logs/sub-*_run.json")))
    assert 1 <= kept < 6
    assert [path for path in out.rglob(".*") if path.is_file() and path.name != ".bidsignore"] == []
    assert main([*command[:-2], "--skip-existing"]) == 0
    assert len(list(out.glob("logs/sub-*_run.json"))) == 6


def test_a_part_of_the_work_is_told_as_a_part_of_the_whole() -> None:
    told: list[tuple[float, str]] = []
    whole = lambda fraction, text: told.append((fraction, text))  # noqa: E731
    report(part(whole, 0.5, 0.75), 0.5, "half of it")
    report(None, 0.5, "to nobody")
    assert told == [(0.625, "half of it")]
    assert part(None, 0.0, 1.0) is None


def test_work_that_is_asked_to_stop_is_cancelled() -> None:
    with pytest.raises(Cancelled, match="cancelled"):
        report(lambda *_: False, 0.5, "half of it")
    report(lambda *_: None, 0.5, "going on")
