"""The files of maps and of label maps with other numbers, each with what it was made from and how."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from SpineRootLib import __version__
from SpineRootLib.anatomy import CORD, CSF, SIDES, all_roots
from SpineRootLib.annotation import Annotation
from SpineRootLib.atomic import write_text
from SpineRootLib.images import Image, write_image
from SpineRootLib.label_maps.dicom_seg import ENDING, write_dicom_seg
from SpineRootLib.labels import LABEL_COLUMNS, annotated_by, reference_of
from SpineRootLib.learning.label_numbers import LabelNumbers, side_labels
from SpineRootLib.learning.maps import MapSettings, distance_maps, heat_maps, soft_maps
from SpineRootLib.regions import region_of, root_region
from SpineRootLib.tables import write_described

SOFT, DISTANCE, HEAT = "soft", "distance", "heat"
_SUFFIX = {SOFT: "probseg", DISTANCE: "distance", HEAT: "heatmap"}
_MAKE = {SOFT: soft_maps, DISTANCE: distance_maps, HEAT: heat_maps}
_SAYS = {
    SOFT: "Share of each voxel that is {name}, from 0 to 1",
    DISTANCE: "Distance of each voxel's centre to the edge of {name}, negative inside; of walls within the slice",
    HEAT: "1 at each point of {name}, falling off as a normal distribution with the point's uncertainty",
}


@dataclass(frozen=True)
class LabelMapFiles:
    """Writes what goes with one label map.

    Parameters
    ----------
    labels : with our own numbers, on the voxels of the image.
    """

    folder: Path
    image: Image
    annotation: Annotation
    labels: NDArray[np.uint8]
    settings: MapSettings

    def numbered(self, numbers: LabelNumbers, name: str) -> list[Path]:
        """``_desc-<name>_dseg``: the label map with other numbers, and its look-up table."""
        stem = f"desc-{re.sub(r'[^A-Za-z0-9]', '', name)}_dseg"
        about = self._about("Regions by number, as the table tells")
        return self._write(stem, numbers.apply(self.labels), list(numbers.rows()), about)

    def sides(self) -> list[Path]:
        """``_desc-side_dseg``: 1 where a root of the left side lies, 2 for the right."""
        rows = [
            {"index": number, "name": f"nerve roots {word}", "abbreviation": side, "color": shade}
            for number, side, word, shade in zip((1, 2), SIDES, ("left", "right"), ("#E69F00", "#56B4E9"), strict=True)
        ]
        about = self._about("The side of each nerve root: the levels are in another label map")
        return self._write("desc-side_dseg", side_labels(self.labels, self.annotation.segments), rows, about)

    def each(self) -> list[Path]:
        """``_label-<structure>_mask``: a mask of 0 and 1 for each structure that is there."""
        files: list[Path] = []
        parts = {"cord": [region_of(CORD).number], "CSF": [region_of(CSF).number]}
        for root in all_roots(self.annotation.segments):
            parts[f"nerveroot{root.segment}{root.side}"] = [root_region(root, each).number for each in (False, True)]
        for name, numbers in parts.items():
            mask = np.isin(self.labels, numbers).astype(np.uint8)
            if mask.any():
                files += self._write(f"label-{name}_mask", mask, None, self._about(f"1 where {name} is"))
        return files

    def dicom_seg(self, series: Path) -> list[Path]:
        """``sub-XX_space-CISS_seg.dcm``: the structures that are there as segments of the images of a series."""
        numbers = LabelNumbers.consecutive(self.annotation.segments)
        path = self.folder / f"sub-{self.annotation.subject}_space-CISS_seg{ENDING}"
        whose = annotated_by(self.annotation)["Annotator"] or "nobody who is named"
        return [
            write_dicom_seg(path, series, Image(numbers.apply(self.labels), self.image.affine), numbers.names, whose)
        ]

    def maps(self, kind: str) -> list[Path]:
        """``_label-<structure>_probseg``, ``_distance`` or ``_heatmap``."""
        files: list[Path] = []
        for name, voxels in _MAKE[kind](self.image, self.annotation, self.settings).items():
            about = {**self._about(_SAYS[kind].format(name=name)), "Settings": _told(self.settings)}
            if kind == DISTANCE:
                about["Units"] = "mm"
            files += self._write(f"label-{name}_{_SUFFIX[kind]}", voxels, None, about)
        return files

    def _write(
        self, name: str, voxels: NDArray[Any], rows: Sequence[Mapping[str, Any]] | None, about: Mapping[str, Any]
    ) -> list[Path]:
        stem = f"sub-{self.annotation.subject}_space-CISS_{name}"
        files = [write_image(self.folder / f"{stem}.nii.gz", Image(voxels, self.image.affine))]
        if rows is None:
            text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
            return [*files, write_text(self.folder / f"{stem}.json", text)]
        columns = list(LABEL_COLUMNS)
        return [*files, *write_described(self.folder / f"{stem}.tsv", columns, rows, LABEL_COLUMNS, about)]

    def _about(self, description: str) -> dict[str, Any]:
        whose = annotated_by(self.annotation)
        return {
            "Description": description,
            "Manual": False,
            "SpatialReference": reference_of(self.image),
            "Annotation": whose,
            "GeneratedBy": [{"Name": "SpineRoot", "Version": __version__}],
        }


def _told(settings: MapSettings) -> dict[str, Any]:
    document = asdict(settings)
    document["labels"] = settings.labels.document()
    return document
