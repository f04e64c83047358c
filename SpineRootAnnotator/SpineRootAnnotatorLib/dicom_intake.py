"""An import of DICOM as the panel leads through it: preview, settle what is ambiguous, import."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from SpineRootLib.dataset import raw_folder
from SpineRootLib.dicom_import import ImportPlan, ImportReport, ImportSettings, import_subject, preview_import
from SpineRootLib.dicom_import.placing import existing_images
from SpineRootLib.dicom_import.rules import load_rules
from SpineRootLib.errors import DicomError
from SpineRootLib.naming import participant_label
from SpineRootLib.progress import Progress
from SpineRootLib.translation import _


@dataclass(frozen=True)
class SeriesRow:
    """One series as it is shown.

    Parameters
    ----------
    choice : the image that the user takes it as, empty where the rules decide.
    file : name of the file that it becomes, empty if it is left over.
    """

    key: str
    description: str
    slices: int
    choice: str
    file: str
    remark: str


class DicomIntake:
    """Holds what was previewed and chosen; nothing is imported that was not previewed."""

    def __init__(self) -> None:
        self._folder = Path()
        self._settings = ImportSettings()
        self.plan: ImportPlan | None = None
        self.images: tuple[str, ...] = ()

    def forget(self) -> None:
        """Another folder or other rules were chosen: what was previewed holds no longer, nor do the choices."""
        self._settings = ImportSettings()
        self.plan = None

    def preview(
        self,
        folder: Path,
        rules: Path | None = None,
        bids_names: bool = False,
        progress: Progress | None = None,
    ) -> None:
        """Find out which series of a folder would become which image; choices made for it before are kept.

        Raises
        ------
        SpineRootError
            as `preview_import` does; there is no plan then.
        """
        if folder != self._folder or rules != self._settings.rules:
            self.forget()
        self.plan = None
        self._folder = folder
        self._settings = replace(self._settings, rules=rules, bids_names=bids_names)
        self.images = tuple(dict.fromkeys(rule["suffix"] for rule in load_rules(rules)["descriptions"]))
        self.plan = preview_import(folder, self._settings, progress)

    def choose(self, key: str, image: str) -> None:
        """Take a series as an image, empty for what the rules say; it shows after the next preview."""
        choices = {name: chosen for name, chosen in self._settings.choices.items() if chosen != key and name != image}
        self._settings = replace(self._settings, choices={**choices, image: key} if image else choices)

    def rows(self, subject: str) -> list[SeriesRow]:
        """Every series of the folder, with the file that it becomes for a subject."""
        chosen = {key: image for image, key in self._settings.choices.items()}
        return [
            SeriesRow(
                one.key, one.description, one.slices, chosen.get(one.key, ""), _file(one.target, subject), one.remark
            )
            for one in (self.plan.series if self.plan is not None else ())
        ]

    def is_there(self, dataset: Path, subject: str) -> bool:
        """Whether a subject has images in a dataset already."""
        return bool(existing_images(raw_folder(dataset), participant_label(subject)))

    def run(self, dataset: Path, subject: str, replacing: bool, progress: Progress | None = None) -> ImportReport:
        """Import what was previewed.

        Parameters
        ----------
        dataset : made if it is missing.
        replacing : replace the images of a subject that is there already.

        Raises
        ------
        SpineRootError
            as `import_subject` does, and if there was no preview; the dataset is as it was then.
        """
        if self.plan is None:
            raise DicomError(_("has not been previewed: press Preview first"), self._folder)
        return import_subject(self._folder, dataset, subject, replace(self._settings, force=replacing), progress)


def _file(target: str, subject: str) -> str:
    name = target.rpartition("/")[2]
    return f"sub-{subject}_{name}.nii.gz" if name else ""
