"""Tables: BIDS tab-separated values and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SpineRootLib.errors import DatasetError
from SpineRootLib.tables import cell, read_columns_and_rows, read_table, table_text, write_table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (math.nan, "n/a"),
        ("", "n/a"),
        (1.5, "1.5"),
        (2.0, "2"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (1 / 3, "0.333333"),
        (1200.0, "1200"),
        (7, "7"),
        ("a\tb\nc", "a b c"),
        (True, "True"),
    ],
)
def test_a_cell_is_written_as_bids_has_it(value, text):
    assert cell(value) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"name": st.text(), "value": st.none() | st.integers()}), max_size=5))
def test_a_table_keeps_its_rows_and_cells(tmp_path, rows):
    path = write_table(tmp_path / "t.tsv", ["name", "value"], rows)
    assert read_table(path) == [{name: cell(row[name]) for name in ("name", "value")} for row in rows]


def test_a_column_that_a_row_lacks_is_not_available():
    assert table_text(["a", "b"], [{"b": 1, "c": 2}]) == "a\tb\nn/a\t1\n"


@pytest.mark.parametrize("content", [b"", b"a\tb\n1\n", b"a\n1\t2\n", b"\xff\xfe"])
def test_what_is_no_whole_table_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="t.tsv: is no"):
        read_table(path)


def test_two_columns_of_one_name_of_which_one_would_be_lost_are_refused(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tb\ta\n1\t2\t3\n")
    with pytest.raises(DatasetError, match="t.tsv: names the column 'a' twice"):
        read_table(path)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa\tb\n1\t2\n",
        b"a\tb\n1\t2\n\n",
        b"a\tb\n1\t2\n\t\n",
        b"a\tb\r\n1\t2\r\n\r\n",
        b"\na\tb\n\n1\t2",
        b"a\tb\n  \n1\t2\n \t \n",
    ],
)
def test_what_editors_and_spreadsheets_leave_is_no_part_of_a_table(tmp_path, content):
    path = tmp_path / "t.tsv"
    path.write_bytes(content)
    assert read_columns_and_rows(path) == (["a", "b"], [{"a": "1", "b": "2"}])


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    (tmp_path / "t.tsv").write_text("participant_id\tage\n")
    assert read_columns_and_rows(tmp_path / "t.tsv") == (["participant_id", "age"], [])


def test_a_missing_table_is_refused_with_its_name(tmp_path):
    with pytest.raises(DatasetError, match=r"none.tsv: cannot be read"):
        read_table(tmp_path / "none.tsv")
