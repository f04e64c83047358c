"""Tab-separated tables as BIDS has them: a header, `n/a` for what is missing."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import write_text
from SpineRootLib.errors import DatasetError
from SpineRootLib.translation import _

MISSING = "n/a"
# what a column means, and its unit if it has one
Meaning = tuple[str, str | None]


def cell(value: Any) -> str:
    """The text of a cell: floats to six decimals, None and NaN as ``n/a``, no tab or line end inside."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, float):
        return f"{value:z.6f}".rstrip("0").rstrip(".")
    return " ".join(str(value).split()) or MISSING


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """A table with the named columns, one mapping a row."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return stream.getvalue()


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write a table atomically."""
    return write_text(path, table_text(columns, rows))


def write_described(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    meanings: Mapping[str, Meaning],
    about: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write a table, and beside it what its columns mean (``.json``), as BIDS has it; the two files.

    Parameters
    ----------
    about : what else is to be said in the file beside the table.
    """
    document = {**data_dictionary(columns, meanings), **(about or {})}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return [write_table(path, columns, rows), write_text(path.with_suffix(".json"), text)]


def data_dictionary(columns: Iterable[str], meanings: Mapping[str, Meaning]) -> dict[str, dict[str, str]]:
    """What columns mean, as BIDS has it beside a table."""
    found = {name: meanings[name] for name in columns}
    return {name: {"Description": text} | ({"Units": unit} if unit else {}) for name, (text, unit) in found.items()}


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table, ``n/a`` as it stands.

    Raises
    ------
    DatasetError
        as `read_columns_and_rows` does.
    """
    return read_columns_and_rows(path)[1]


def read_columns_and_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The columns of a table, which it has without rows as well, and its rows.

    A byte order mark and empty lines, as spreadsheets and editors leave them, are no part of it.

    Raises
    ------
    DatasetError
        if it cannot be read, a row has another number of cells than the header, or two columns have one name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), path) from error
    except (ValueError, csv.Error) as error:
        raise DatasetError(_("is no tab-separated table ({error})").format(error=error), path) from error
    rows = [row for row in rows if any(map(str.strip, row))]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise DatasetError(_("is no whole table: rows differ in length from the header"), path)
    if twice := sorted({name for name in rows[0] if rows[0].count(name) > 1}):
        raise DatasetError(_("names the column '{name}' twice").format(name=twice[0]), path)
    return rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
