"""How a panel tells what the domain says."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from SpineRootLib.errors import DatasetError, ImageFileError
from SpineRootLib.images import Image, write_image
from SpineRootLib.label_maps.label_map_file import read_label_map
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
        ("/data/my, study--old/sub-03: cannot be read (no)", "Cannot be read (no). (/data/my, study--old/sub-03)"),
        ("/data/two--parts/a: there is no such folder", "There is no such folder. (/data/two--parts/a)"),
    ],
)
def test_a_panel_tells_a_sentence_with_the_path_last(fault: str, told: str) -> None:
    assert for_panel(fault) == told


@pytest.mark.parametrize(
    ("error", "typed", "told"),
    [
        (
            DatasetError("has no sign-off: it is not shown", "/data/a", " (--not-blind overrides)"),
            "/data/a: has no sign-off: it is not shown (--not-blind overrides)",
            "Has no sign-off: it is not shown. (/data/a)",
        ),
        (
            DatasetError("holds labels", "/data/a: b--c", ": say so with --table", "choose a table"),
            "/data/a: b--c: holds labels: say so with --table",
            "Holds labels: choose a table. (/data/a: b--c)",
        ),
        (
            DatasetError("cannot be read (no)", "b, c--d"),
            "b, c--d: cannot be read (no)",
            "Cannot be read (no). (b, c--d)",
        ),
    ],
)
def test_what_to_do_is_told_as_options_or_for_the_panel(error: DatasetError, typed: str, told: str) -> None:
    assert str(error) == typed
    assert for_panel(error) == told
    assert for_panel(pickle.loads(pickle.dumps(error))) == told, "also of one that another process met"


def test_labels_that_nothing_explains_are_explained_in_the_panel_by_a_table(tmp_path: Path) -> None:
    path = tmp_path / "labels--of, mine.nii.gz"
    voxels = np.zeros((4, 4, 4), dtype=np.uint8)
    voxels[1, 1, 1], voxels[2, 2, 2] = 7, 9
    write_image(path, Image(voxels, np.eye(4)))
    with pytest.raises(ImageFileError) as caught:
        read_label_map(path)
    assert for_panel(caught.value) == (
        f"Holds the labels 7, 9, and nothing tells what they are: choose a table, or name them. ({path})"
    )
    assert str(caught.value).startswith(f"{path}: holds the labels 7, 9, and nothing tells what they are: say so with")
