"""The limits of all rules, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from SpineRootLib.findings import Severity


@dataclass(frozen=True)
class Limits:
    """What the rules compare with; millimetres where the name says so, else counts or ratios.

    The annotators' own jitter is 0.10-0.13 mm per coordinate and slice (measured as the scatter about smooth paths and
    outlines in the published annotation of one subject, Liu et al. 2024, doi 10.1038/s41597-024-03919-4): what stays
    within it is no fault.

    Parameters
    ----------
    off_slice_mm : distance of a point from its slice. Slicer places points exactly on the slice that is shown; files
        deviate by rounding (below 0.001 mm), so that a twentieth of a 2 mm slice is not a matter of rounding.
    duplicate_mm : two points of a root on a slice nearer than this are the same click twice; farther apart, one of
        them is wrong. Two roots so near over `lasting_slices` are one that was marked twice. Three times the jitter.
    jump_mm, jump_ratio, jump_end_factor : a point is off its root's path if it departs from where the points around it
        tell that it should be by `jump_ratio` times the median departure of that root's points, and by `jump_mm` at
        least; the first and the last point, which have neighbours on one side, by `jump_end_factor` times as much. The
        published annotation stays below 0.55 mm and 4.4 times the median, at the ends below 0.72 mm and 7.2 times;
        the next root is 0.9 mm away where roots are closest.
    near_mm : two roots nearer than this cannot be two: roots are 0.8-1.4 mm thick and modelled with 1.0 mm; the
        closest of the published annotation are 0.86 mm apart.
    exchange_mm : by how much the paths of two roots become shorter if the roots exchange names from a slice on. In the
        published annotation they become longer by 0.6 mm or more everywhere.
    lasting_slices : an order broken by more than `order_mm` over so many slices is an error, as names are exchanged: it
        puts a tenth of a root (70 slices) onto another.
    outside_mm : distance outside the dura, or depth inside the cord, from which on a point is mentioned.
    cord_outside_mm : distance of the cord's outline outside the dura's, likewise.
    jitter_mm : what is no farther on the wrong side of an outline is only mentioned: the annotators' jitter.
    surely_outside_mm : what is farther is an error, in between a warning: three times the jitter.
    order_mm : by how much a lower root may lie farther from the posterior midline of the dura than a higher one: three
        standard deviations of the difference of two distances with the jitter of 0.13 mm. Where roots lie abreast
        below the conus the published annotation breaks the order by up to 0.39 mm.
    order_slices : an order broken by less than `order_mm` is mentioned if it lasts this many slices.
    passing_mm : an order broken on fewer slices than that is mentioned if it is broken by more than this: a root that
        passes another in a crowd can lie behind it for a slice or two, by no more than the distance of roots that
        touch. The closest of the published annotation are 0.86 mm apart.
    side_mm : distance on the wrong side of the midline, or of the opposite root, from which on a side is wrong; a body
        turned by 10 degrees moves a root 6 mm behind the centre of the dura by 1 mm.
    end_inside_mm : how far inside the dura a root may end though the dura goes on. The last marks of roots that leave
        it in the published annotation lie 0.4 mm inside it at most, others at the end of the scan 0.9 to 2.4 mm.
    end_slices : slices by which the dura, or a higher root, has to go on: the last mark may be left out.
    ganglion_above_mm : how far a ganglion may lie above the last point of its root.
    """

    off_slice_mm: float = 0.1
    duplicate_mm: float = 0.4
    jump_mm: float = 0.7
    jump_ratio: float = 5.0
    jump_end_factor: float = 2.0
    near_mm: float = 0.5
    exchange_mm: float = 0.3
    lasting_slices: int = 7
    outside_mm: float = 0.0
    cord_outside_mm: float = 0.0
    jitter_mm: float = 0.13
    surely_outside_mm: float = 0.4
    order_mm: float = 0.55
    order_slices: int = 3
    passing_mm: float = 0.86
    side_mm: float = 1.0
    end_inside_mm: float = 1.0
    end_slices: int = 2
    ganglion_above_mm: float = 0.0

    def severity_outside(self, distance: float) -> Severity:
        """How much it matters that something lies so far, mm, on the wrong side of an outline."""
        if distance <= self.jitter_mm:
            return Severity.INFO
        return Severity.ERROR if distance > self.surely_outside_mm else Severity.WARNING
