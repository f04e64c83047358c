"""The table of what there is to discuss, the largest first, with what was settled."""

from __future__ import annotations

from SpineRootLib.translation import _
from SpineRootModelerLib.scene.folder import ModelerFolder
from SpineRootModelerLib.scene.table_node import fill_table
from SpineRootModelerLib.work.discussion import Discussion


class DisagreementTable:
    """Shows a discussion in a table node; its rows are the discussion's."""

    def __init__(self, folder: ModelerFolder, discussion: Discussion):
        self.node = folder.node("disagreements", "vtkMRMLTableNode", _("To discuss"))
        self._discussion = discussion
        self.refresh()

    def refresh(self) -> None:
        """Show the discussion as it stands."""
        discussion, rows = self._discussion, []
        for rank, each in enumerate(discussion.rows, start=1):
            place = each.first.place.without_slice.title
            rows.append(
                {**each.cells(rank, discussion.resolutions), "place": place, "remark": discussion.remarks(each)}
            )
        fill_table(self.node, columns(), rows)


def columns() -> dict[str, str]:
    """Names as in ``sub-XX_disagreements.tsv``, and titles, what matters first; Slicer itself shows the rank."""
    return {
        "place": _("Place"),
        "slice": _("Slice"),
        "size_mm": _("Size (mm)"),
        "kind": _("Kind"),
        "resolution": _("Settled as"),
        "needs_resolution": _("Must be settled"),
        "annotators": _("Marked by"),
        "flags": _("Flags"),
        "remark": _("Remark"),
        "structure": _("Structure"),
        "segment": _("Segment"),
        "side": _("Side"),
    }
