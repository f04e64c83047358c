"""Which series becomes which file, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from SpineRootLib.dataset import IMAGES
from SpineRootLib.dicom_import.identity import without_words
from SpineRootLib.dicom_import.rules import Converted
from SpineRootLib.dicom_import.scan import DicomFolder
from SpineRootLib.dicom_import.settings import ImportSettings
from SpineRootLib.errors import DicomError

# Stations of one sagittal scan lie farther from each other than this along the body; repeats do not.
_APART_MM = 10.0
_FOR_PLANNING = "a localizer by its name, and another series fits"


@dataclass(frozen=True)
class PlannedSeries:
    """What becomes of one image that the converter makes.

    Parameters
    ----------
    key : to choose it by, ``"5"``; see `Converted`.
    description : of the series, without names of people.
    slices : number of slices.
    image : name of the image that it becomes, empty if it is left over.
    target : name of its file without the subject, ``anat/CISS``; empty if it is left over.
    remark : why, where that is not plain.
    stem : name of the converter's files.
    rule : what dcm2bids is told of it.
    """

    key: str
    description: str
    slices: int
    image: str = ""
    target: str = ""
    remark: str = ""
    stem: str = ""
    rule: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do.

    Parameters
    ----------
    series : every image that the converter makes, by number of its series.
    faults : sentences that say why nothing can be imported, empty if all is well.
    remarks : sentences that say what else is worth knowing.
    """

    series: tuple[PlannedSeries, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def chosen(self) -> tuple[PlannedSeries, ...]:
        """What becomes an image."""
        return tuple(one for one in self.series if one.rule is not None)

    @property
    def left_over(self) -> tuple[PlannedSeries, ...]:
        """What becomes nothing."""
        return tuple(one for one in self.series if one.rule is None)


def make_plan(
    found: Sequence[Converted],
    folder: DicomFolder,
    rules: Mapping[str, Any],
    settings: ImportSettings,
    failures: Mapping[str, str] = MappingProxyType({}),
) -> ImportPlan:
    """Decide which converted image becomes which image of the dataset.

    Parameters
    ----------
    failures : why the converter makes nothing of a series, by its UID.

    Raises
    ------
    DicomError
        if a choice names a series that is not there, or an image that no rule knows.
    """
    descriptions = {rule["suffix"]: rule for rule in reversed(rules["descriptions"])}
    known = list(reversed(descriptions))
    fits = _fits(found, known, settings.choices, folder)
    series = {one.key: _left_over(one, folder, fits[one.key]) for one in found}
    faults = [f"series {one.key} ({one.remark})" for one in series.values() if len(fits[one.key]) > 1]
    for image in known:
        candidates = [one for one in found if fits[one.key] == [image]]
        planning = [one for one in candidates if one.for_planning and one.key not in settings.choices.values()]
        if len(planning) < len(candidates):
            candidates = [one for one in candidates if one not in planning]
            series.update({one.key: replace(series[one.key], remark=_FOR_PLANNING) for one in planning})
        picked, remark = _pick(image, candidates, bool(descriptions[image].get("stations")))
        faults += [remark] if candidates and not picked else []
        for one in candidates:
            if one.key in picked:
                rule = _rule(one, descriptions[image], picked[one.key], settings.bids_names)
                told = _against_rules(one, image, rules)
                series[one.key] = replace(
                    series[one.key], image=image, target=_target(rule), remark=told, stem=one.stem, rule=rule
                )
            else:
                series[one.key] = replace(series[one.key], remark=remark)
    chosen = [one for one in found if series[one.key].rule is not None]
    if not chosen and not faults:
        faults.append(f"none of its {len(folder.series)} series is {' or '.join(known)} by the rules")
    faults += [f"series {one.key} lacks {n} of its slices" for one in chosen if (n := one.series.missing_slices())]
    faults += [
        several_volumes(one.key, volumes, series[one.key].image)
        for one in chosen
        if (volumes := int(one.fields["Volumes"])) > 1
    ]
    series.update(_unconverted(found, folder, failures))
    return ImportPlan(tuple(series.values()), tuple(faults), tuple(_remarks(chosen, series, known)))


def several_volumes(key: str, volumes: int, image: str) -> str:
    """Why a series of several volumes, as of several times, is no image to annotate."""
    return f"series {key} holds {volumes} volumes, and {image} is one: choose another series, or export one volume"


def _against_rules(one: Converted, image: str, rules: Mapping[str, Any]) -> str:
    """What speaks against a series that was chosen as an image, empty where the rules know it as that."""
    if image in [rule["suffix"] for rule in one.descriptions]:
        return ""
    asked = {rule["criteria"].get("Orientation") for rule in rules["descriptions"] if rule["suffix"] == image}
    lies = one.fields["Orientation"]
    if len(asked) == 1 and isinstance(wanted := asked.pop(), str) and wanted != lies:
        return f"by choice alone: it is {lies}, and {image} is {wanted} by the rules"
    return f"by choice alone: the rules do not know it as {image}"


def _fits(
    found: Sequence[Converted], known: Sequence[str], choices: Mapping[str, str], folder: DicomFolder
) -> dict[str, list[str]]:
    """The images that each series may be, by the rules and then by the user's choices."""
    for image, key in choices.items():
        if image not in known:
            raise DicomError(f"no rule knows the image '{image}' ({', '.join(known)})", folder.path)
        if key not in {one.key for one in found}:
            raise DicomError(f"there is no series '{key}' to be {image}", folder.path)
    named = {key: image for image, key in choices.items()}
    fits = {}
    for one in found:
        by_rules = dict.fromkeys(rule["suffix"] for rule in one.descriptions)
        free = [image for image in by_rules if image not in choices]
        fits[one.key] = [named[one.key]] if one.key in named else free
    return fits


def _pick(image: str, candidates: Sequence[Converted], stations: bool) -> tuple[dict[str, tuple[str, ...]], str]:
    """Keys of the series that become an image with the entities that tell them apart, and what to say of the rest."""
    keys = ", ".join(one.key for one in candidates)
    if len(candidates) < 2:
        return {one.key: () for one in candidates}, ""
    composed = [one for one in candidates if one.composed]
    if stations and len(composed) == 1:
        return {composed[0].key: ()}, f"a station of {image}, which the scanner composed as series {composed[0].key}"
    downwards = sorted(candidates, key=lambda one: -one.series.middle()[2])
    heights = [one.series.middle()[2] for one in downwards]
    apart = all(upper - lower > _APART_MM for upper, lower in pairwise(heights))
    if stations and not composed and apart:
        return {one.key: (f"chunk-{number}",) for number, one in enumerate(downwards, start=1)}, ""
    return {}, f"series {keys} all fit {image}: choose one"


def _rule(one: Converted, rule: Mapping[str, Any], entities: Sequence[str], bids_names: bool) -> dict[str, Any]:
    """What dcm2bids is told to do with a series."""
    own = rule.get("custom_entities", [])
    suffix, named = rule["suffix"], [own] if isinstance(own, str) else list(own)
    if bids_names and suffix in IMAGES:
        suffix, named = "T2w", [f"acq-{suffix}", *named]
    further = {key: rule[key] for key in ("datatype", "sidecar_changes") if key in rule}
    criteria = {"SidecarFilename": f"{one.stem}.json"}
    return {**further, "suffix": suffix, "custom_entities": [*named, *entities], "criteria": criteria}


def _target(rule: Mapping[str, Any]) -> str:
    return f"{rule['datatype']}/{'_'.join([*rule['custom_entities'], rule['suffix']])}"


def _left_over(one: Converted, folder: DicomFolder, fits: Sequence[str]) -> PlannedSeries:
    remark = f"fits {' and '.join(fits)}: choose what it is" if len(fits) > 1 else ""
    told = without_words(one.series.description, folder.words)
    return PlannedSeries(one.key, told, int(one.fields["Slices"]), remark=remark)


def _unconverted(
    found: Sequence[Converted], folder: DicomFolder, failures: Mapping[str, str]
) -> dict[str, PlannedSeries]:
    """The series of which dcm2niix makes no image."""
    missed = [one for one in folder.series if one not in [other.series for other in found]]
    return {
        f"{one.number} {one.uid}": PlannedSeries(
            str(one.number),
            without_words(one.description, folder.words),
            len(one.positions),
            remark=failures.get(one.uid, "dcm2niix makes no image of it"),
        )
        for one in missed
    }


def _remarks(chosen: Sequence[Converted], series: Mapping[str, PlannedSeries], known: Sequence[str]) -> Iterator[str]:
    taken = [series[one.key] for one in chosen]
    for image in known:
        of_image = [one for one in taken if one.image == image]
        if not of_image:
            yield f"no series is {image}"
        if len(of_image) > 1:
            yield f"{image} comes in {len(of_image)} stations that the scanner did not compose; they are kept apart"
    if len({one.series.frame_of_reference for one in chosen}) > 1:
        yield "the images were not scanned in one frame of reference: they may not lie in place on each other"
