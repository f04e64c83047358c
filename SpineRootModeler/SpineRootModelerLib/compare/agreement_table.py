"""The table of distances: a row a structure and pair of annotators, each leading to where they are farthest apart."""

from __future__ import annotations

from SpineRootLib.place import Place
from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.table_node import fill_table
from SpineRootModelerLib.work.comparison import Comparison


class AgreementTable:
    """Shows the distances of a comparison in a table node."""

    def __init__(self, folder: ModelerFolder, comparison: Comparison):
        self.node = folder.node("agreement", "vtkMRMLTableNode", _("Distances"))
        self.show(comparison)

    def show(self, comparison: Comparison) -> None:
        """Show a comparison."""
        self._comparison = comparison
        self.places: list[Place] = []
        rows = []
        for whole, row in comparison.rows:
            self.places.append(whole)
            rows.append({**row, "pair": f"{row['annotator_a']}-{row['annotator_b']}"})
        fill_table(self.node, columns(), rows)

    def row_of(self, place: Place | None) -> int | None:
        """The first row of the structure that a place belongs to; None if it has none."""
        whole = None if place is None else place.without_slice
        return self.places.index(whole) if whole in self.places else None

    def place(self, row: int) -> Place | None:
        """Where a click on a row leads."""
        return self._comparison.worst(self.places[row]) if 0 <= row < len(self.places) else None


def columns() -> dict[str, str]:
    """Names as in ``sub-XX_agreement.tsv``, and titles."""
    return {
        "pair": _("Annotators"),
        "structure": _("Structure"),
        "segment": _("Segment"),
        "side": _("Side"),
        "mean_mm": _("Mean"),
        "sd_mm": _("SD"),
        "median_mm": _("Median"),
        "p95_mm": _("95 %"),
        "max_mm": _("Max (mm)"),
        "n_matched": _("Both"),
        "n_only_a": _("Only first"),
        "n_only_b": _("Only second"),
    }
