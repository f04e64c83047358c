"""When names count as exchanged, as numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ExchangeSettings:
    """When names count as exchanged.

    What two annotators differ by where they mean the same root, their spread, is measured on the roots in question.
    Neighbours that come nearer to each other than that cannot be told apart there, so that slices weigh by how far the
    roots are apart, squared, relative to it.

    Parameters
    ----------
    cap_mm : what a distance counts at most, so that one slip does not weigh more than several slices: three times
        the distance of neighbouring roots where they are crowded (0.9 mm).
    near_mm : mean distance, each capped, up to which a root runs on another.
    shared : slices that two roots must share to be compared.
    least_spread_mm : the spread is taken for no smaller; two annotators' jitter alone (0.12 mm a coordinate each)
        parts their marks by 0.2 mm.
    weight_limit : what a slice, or an end of a root, weighs at most, for or against.
    weight_offset : what of the weight does not count on a run, slice by slice: roots apart by no more than the spread
        tell nothing.
    weight_sum : the weight of all slices together, of a root, that is an exchange. By eye, on simulated annotators of
        crowded roots: of 40 honest pairs' greatest weights, on runs of any length, all are below it.
    pattern_roots : a whole row that is shifted, or left and right exchanged, counts as so many roots of other names,
        however many there are; by eye, one mistake and no more.
    ganglion_weight : what a ganglion weighs at most against a root's own name: as much as an exchange takes, so that
        where the ganglia are exchanged the roots alone say whether they are, too.
    ganglion_kept_weight : what it weighs at most against another name. It is less, for ganglia are marked by
        themselves, and may well keep their names where those of the roots are exchanged (by eye, one time in twenty).
    ganglion_sd_mm : by which annotators' ganglia differ along each axis; a ganglion is 5 to 8 mm long (by eye).
    end_slices : by which annotators differ in where a root begins and ends (by eye).
    run_each_mm : by how much the mean distance of each of two roots falls on a run of slices.
    run_slices : the least length of a run: an annotator's slow error may carry marks past each other nearly that long
        (of 56 honest pairs of simulated annotators of crowded roots one each on 6, 7 and 8 slices, none on more; of 36
        later ones none on ten or more).
    ganglion_mm : by which a ganglion lies nearer to another's place than to its own: a quarter of the distance of
        neighbouring ganglia (20 to 40 mm).
    ganglion_near_mm : how near another's place is, where there is nothing in its own: a ganglion is 5 to 8 mm long.
    """

    cap_mm: float = 3.0
    near_mm: float = 2.0
    shared: int = 3
    least_spread_mm: float = 0.3
    weight_limit: float = 6.0
    weight_offset: float = 1.0
    weight_sum: float = 14.0
    pattern_roots: int = 3
    ganglion_weight: float = 14.0
    ganglion_kept_weight: float = 3.0
    ganglion_sd_mm: float = 3.0
    end_slices: float = 3.0
    run_each_mm: float = 0.2
    run_slices: int = 10
    ganglion_mm: float = 6.0
    ganglion_near_mm: float = 5.0
