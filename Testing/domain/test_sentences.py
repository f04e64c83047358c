"""How a panel tells what the domain says."""

from __future__ import annotations

import pytest

from SpineRootLib.sentences import for_panel, path_last, sentence


@pytest.mark.parametrize("folder", ["/data/spines/sub-03", r"C:\data\spines", r"\\lab\spines"])
def test_what_is_wrong_is_read_before_the_path(folder: str) -> None:
    assert path_last(f"{folder}: there is no such folder") == f"There is no such folder. ({folder})"


def test_a_sentence_without_a_path_stays_as_it_is() -> None:
    text = "sub-03: the disk does not answer"
    assert path_last(text) == text
    assert path_last("") == ""


def test_a_reason_of_the_tracer_becomes_a_sentence() -> None:
    assert sentence("no cord is seen here") == "No cord is seen here."
    assert sentence("is it another root?") == "Is it another root?"
    assert sentence("") == ""


def test_the_name_of_a_subject_is_written_as_it_is() -> None:
    assert sentence("sub-03 is not among the subjects") == "sub-03 is not among the subjects."


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("compare the annotators first", "Compare the annotators first."),
        ("/data/a: holds no model", "Holds no model. (/data/a)"),
        ("/data/a: leave one of them, or name one with --run", "Leave one of them. (/data/a)"),
        (
            "/data/a: has no sign-off: it is not shown (--not-blind overrides)",
            "Has no sign-off: it is not shown. (/data/a)",
        ),
        ("/data/two--parts/a: there is no such folder", "There is no such folder. (/data/two--parts/a)"),
        ("holds labels: say so with --table (spineroot, sct) or --label", "Holds labels."),
    ],
)
def test_a_panel_tells_no_options_of_commands(fault: str, told: str) -> None:
    assert for_panel(fault) == told
