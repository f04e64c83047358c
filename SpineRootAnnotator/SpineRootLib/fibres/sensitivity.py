"""What an error of annotation costs: how far the order of recruitment changes from annotator to annotator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from SpineRootLib.anatomy import Root
from SpineRootLib.fibres.courses import Fibre
from SpineRootLib.fibres.recruitment import RecruitmentSettings, order_of, same_order, selectivity, strengths
from SpineRootLib.frames import Points
from SpineRootLib.tables import Meaning, write_described

SENSITIVITY_TITLE = "Sensitivity of recruitment to annotation"
_ABOUT = {
    "Description": (
        "Contacts lie where the annotation itself has them; roots were annotated anew by simulated annotators. Fields "
        "are those of point sources in a conductor that is the same everywhere: orders of roots are compared, and no "
        "thresholds are told."
    )
}
_OF_CONTACTS: dict[str, Meaning] = {
    "contact": ("Name of the contact", None),
    "first": ("The root that it recruits first", None),
    "second": ("The root that it recruits second", None),
    "selectivity": ("0 where the first two are recruited alike, 1 where the second is not", None),
    "strength_percent": ("How strongly it acts on the first, relative to the strongest contact", "%"),
    "first_kept_percent": ("How often simulated annotators have the same root first", "%"),
    "side_kept_percent": ("How often they have a root of the same side first", "%"),
    "tau_mean": ("Kendall's tau of their order and that of the annotation, mean", None),
    "tau_least": ("The least of these", None),
    "selectivity_sd": ("Standard deviation of their selectivity", None),
}
_OF_ROOTS: dict[str, Meaning] = {
    "contact": ("Name of the contact", None),
    "root": ("The root", None),
    "rank": ("When it is recruited, 1 for the first", None),
    "current": ("The current that recruits it, relative to that of the first; n/a for none", None),
    "rank_mean": ("Mean of its rank over the simulated annotators", None),
    "rank_sd": ("Standard deviation of its rank", None),
    "rank_least": ("Its earliest rank", None),
    "rank_most": ("Its latest rank", None),
    "first_percent": ("How often it is the first", "%"),
}


@dataclass(frozen=True)
class ContactSensitivity:
    """What one contact recruits, by the annotation and by each simulated annotator.

    Parameters
    ----------
    own : by root how strongly the contact acts on it.
    others : the same by simulated annotator.
    """

    contact: str
    own: Mapping[Root, float]
    others: tuple[Mapping[Root, float], ...]

    @property
    def strength(self) -> float:
        """How strongly it acts on the root that it recruits first."""
        return max(self.own.values())

    def row(self, strongest: float) -> dict[str, Any]:
        """The row of the table of contacts, the strongest of which acts so strongly."""
        order = order_of(self.own)
        orders = [order_of(other) for other in self.others]
        taus = [same_order(order, other) for other in orders]
        return {
            "contact": self.contact,
            "first": str(order[0]),
            "second": str(order[1]) if len(order) > 1 else None,
            "selectivity": selectivity(self.own),
            "strength_percent": 100.0 * self.strength / strongest,
            "first_kept_percent": 100.0 * float(np.mean([other[0] == order[0] for other in orders])),
            "side_kept_percent": 100.0 * float(np.mean([other[0].side == order[0].side for other in orders])),
            "tau_mean": float(np.mean(taus)),
            "tau_least": float(np.min(taus)),
            "selectivity_sd": float(np.std([selectivity(other) for other in self.others])),
        }

    def root_rows(self) -> list[dict[str, Any]]:
        """The rows of the table of roots."""
        order, orders = order_of(self.own), [order_of(other) for other in self.others]
        best, rows = self.own[order[0]], []
        for rank, root in enumerate(order, start=1):
            ranks = np.array([other.index(root) + 1 for other in orders if root in other], dtype=np.float64)
            row: dict[str, Any] = {"contact": self.contact, "root": str(root), "rank": rank}
            row["current"] = best / self.own[root] if self.own[root] > 0 else None
            if len(ranks):
                row |= {"rank_mean": float(ranks.mean()), "rank_sd": float(ranks.std())}
                row |= {"rank_least": int(ranks.min()), "rank_most": int(ranks.max())}
                row["first_percent"] = 100.0 * float((ranks == 1).mean())
            rows.append(row)
        return rows


def sensitivity(
    own: Sequence[Fibre],
    others: Sequence[Sequence[Fibre]],
    contacts: Mapping[str, Points],
    settings: RecruitmentSettings | None = None,
) -> list[ContactSensitivity]:
    """How each contact recruits the fibres of an annotation, and those of simulated annotators.

    Parameters
    ----------
    contacts : (3,) RAS mm by name.
    """
    settings = settings or RecruitmentSettings()
    return [
        ContactSensitivity(
            name, strengths(own, place, settings), tuple(strengths(each, place, settings) for each in others)
        )
        for name, place in contacts.items()
    ]


def contact_rows(found: Sequence[ContactSensitivity]) -> list[dict[str, Any]]:
    """The table of contacts."""
    strongest = max(each.strength for each in found)
    return [each.row(strongest) for each in found]


def write_sensitivity(found: Sequence[ContactSensitivity], folder: Path, subject: str) -> list[Path]:
    """Write ``sub-XX_sensitivity.tsv``, a row a contact, and ``sub-XX_recruitment.tsv``, one a contact and root.

    Raises
    ------
    DatasetError
        if the folder cannot be written.
    """
    tables = (
        ("sensitivity", contact_rows(found), _OF_CONTACTS),
        ("recruitment", [row for each in found for row in each.root_rows()], _OF_ROOTS),
    )
    paths = []
    for name, rows, meanings in tables:
        paths += write_described(folder / f"sub-{subject}_{name}.tsv", list(meanings), rows, meanings, _ABOUT)
    return paths
