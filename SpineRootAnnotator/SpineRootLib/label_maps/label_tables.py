"""Tables that say what the numbers of a label map stand for: those of known programs, and a user's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SpineRootLib.anatomy import CORD, CSF, ROOTS, SPINAL_SEGMENTS, all_roots
from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.label_maps.meanings import Meaning
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.tables import read_table
from SpineRootLib.translation import _

OWN = "spineroot"
_SHIPPED = Path(__file__).resolve().parents[1] / "Resources" / "label-tables.json"
_NUMBERS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_MOST_SAID = 12  # numbers or names in one sentence


@dataclass(frozen=True)
class LabelTable:
    """What the numbers of one kind of label map stand for.

    Parameters
    ----------
    name : by which it is chosen.
    title : the program, for people.
    meanings : by number; 0 is what is not labelled.
    ventral : whether a root's label covers its ventral rootlets as well; those are left out.
    generators : by one of these the JSON beside a label map tells, under ``GeneratedBy``, that it is of this kind.
    """

    name: str
    title: str
    meanings: Mapping[int, Meaning]
    ventral: bool = False
    generators: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, name: str, document: Any) -> LabelTable:
        """The table in its JSON form.

        ``Labels`` leads from a number, ``"1"``, or several, ``"11-17"``, to a name; ``Title``, ``Ventral`` and
        ``GeneratedBy``, a list, may be left out.

        Raises
        ------
        SpineRootError
            if it has another form, or names something that is none of ours.
        """
        labels = document.get("Labels") if isinstance(document, dict) else None
        if not isinstance(labels, dict) or not labels:
            raise SpineRootError(_("table '{name}' has no object 'Labels'").format(name=name))
        meanings: dict[int, Meaning] = {}
        for numbers, meaning in labels.items():
            for number in _numbers(numbers, name):
                if number in meanings:
                    fault = _("table '{name}' says label {number} twice")
                    raise SpineRootError(fault.format(name=name, number=number))
                meanings[number] = Meaning.parse(str(meaning))
        title, generators = str(document.get("Title", name)), document.get("GeneratedBy", [])
        return cls(name, title, meanings, bool(document.get("Ventral", False)), tuple(map(str, generators)))

    def unknown(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers that it does not explain."""
        return sorted(set(numbers) - set(self.meanings) - {0})

    def numbers_of(self, *structures: str) -> list[int]:
        """The numbers that stand for structures."""
        return sorted(number for number, meaning in self.meanings.items() if meaning.structure in structures)


def shipped_tables() -> dict[str, LabelTable]:
    """The tables that come with SpineRoot, by name; the first is that of its own label maps."""
    return {OWN: _own_table(), **_read(_SHIPPED)}


def read_tables(path: Path) -> dict[str, LabelTable]:
    """A user's table, or several by name, from a JSON file.

    Raises
    ------
    DatasetError
        if it cannot be read, or is none.
    """
    try:
        return _read(path)
    except OSError as error:
        raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), path) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(_("is no whole JSON file ({error})").format(error=error), path) from error
    except SpineRootError as error:
        raise DatasetError(error.fault, path) from None


def choose_table(text: str) -> LabelTable:
    """The table of a name, or that in a JSON file or in a BIDS look-up table (TSV with ``index`` and ``name``).

    Raises
    ------
    SpineRootError
        if there is no such table, or the file holds several.
    """
    tables = shipped_tables()
    if text in tables:
        return tables[text]
    if text.endswith(".tsv"):
        return _of_lookup(Path(text))
    if not text.endswith(".json"):
        fault = _("'{text}' is no table of labels: {names}, or a JSON or TSV file of your own")
        raise SpineRootError(fault.format(text=text, names=", ".join(tables)))
    found = read_tables(Path(text))
    if len(found) != 1:
        raise DatasetError(_("holds {count} tables: one is needed").format(count=len(found)), text)
    return next(iter(found.values()))


def inline_table(pairs: Iterable[str]) -> LabelTable:
    """The table of pairs such as ``1=cord``.

    Raises
    ------
    SpineRootError
        if one is none.
    """
    labels: dict[str, str] = {}
    for pair in pairs:
        number, mark, name = pair.partition("=")
        if not mark:
            raise SpineRootError(_("'{pair}' is no label such as 1=cord").format(pair=pair))
        labels[number.strip()] = name
    return LabelTable.from_json("--label", {"Title": _("labels as they were named"), "Labels": labels})


def listing(values: Iterable[object]) -> str:
    """Numbers or names in a sentence; of many the first."""
    words = [str(value) for value in values]
    return ", ".join(words[:_MOST_SAID]) + (" ..." if len(words) > _MOST_SAID else "")


def _of_lookup(path: Path) -> LabelTable:
    rows = read_table(path)
    if not rows or not {"index", "name"} <= rows[0].keys():
        raise DatasetError(_("is no look-up table: it has no columns 'index' and 'name'"), path)
    labels = {row["index"]: row["name"] for row in rows if row["index"] != "0"}
    try:
        return LabelTable.from_json(path.stem, {"Labels": labels})
    except SpineRootError as error:
        raise DatasetError(error.fault, path) from None


def _own_table() -> LabelTable:
    meanings = {region_of(structure).number: Meaning(structure) for structure in (CORD, CSF)}
    for root in all_roots(SPINAL_SEGMENTS):
        for beyond in (False, True):
            meanings[root_region(root, beyond).number] = Meaning(ROOTS, root.segment, root.side, beyond)
    return LabelTable(OWN, _("SpineRoot, spineroot labels"), meanings, generators=("SpineRoot",))


def _read(path: Path) -> dict[str, LabelTable]:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise SpineRootError(_("is no JSON object"))
    if "Labels" in document:
        return {path.stem: LabelTable.from_json(path.stem, document)}
    return {str(name): LabelTable.from_json(str(name), table) for name, table in document.items()}


def _numbers(text: str, name: str) -> range:
    match = _NUMBERS.fullmatch(text.strip())
    first, last = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
    if not 0 < first <= last:
        fault = _("'{text}' in table '{name}' is no number of a label above zero, nor a range such as 11-17")
        raise SpineRootError(fault.format(text=text, name=name))
    return range(first, last + 1)
