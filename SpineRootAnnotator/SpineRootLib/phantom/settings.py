"""What a phantom is made of, as numbers: the scan, the anatomy, the images, the annotators."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from SpineRootLib.anatomy import DEFAULT_SEGMENTS
from SpineRootLib.phantom.crowd_settings import CrowdSettings
from SpineRootLib.phantom.variant_settings import FaultSettings, VariantSettings


@dataclass(frozen=True)
class ScanSettings:
    """The CISS image's grid; the defaults are those of a published scan (Liu et al. 2024).

    Parameters
    ----------
    voxel_mm : in-plane twice, then between slices; the other published protocol has 0.35, 0.35, 1.8.
    shape : voxels to the right, to the front and upwards.
    tilt_degrees : of the slices about the left-right axis; positive lifts their front.
    roll_degrees : of the slices about the back-front axis, after the tilt; positive lifts their left.
    centre_ras : mm, the middle of the field of view.
    crop_to_sac : keep of each slice only the rectangle that holds the dural sac, on the same grid.
    crop_margin_mm : beyond the sac on every side.
    """

    voxel_mm: tuple[float, float, float] = (0.30, 0.30, 2.0)
    shape: tuple[int, int, int] = (960, 960, 80)
    tilt_degrees: float = 0.1
    roll_degrees: float = 0.0
    centre_ras: tuple[float, float, float] = (-6.55, -29.3, -430.6)
    crop_to_sac: bool = False
    crop_margin_mm: float = 5.0


@dataclass(frozen=True)
class OutlineSettings:
    """How an outline varies along the body beyond its smooth course.

    Measured on the published annotation of sub-03 (Liu et al. 2024; 80 contours of the dura, 66 of the cord): each
    order of the angle's Fourier series of the radius was split by maximum likelihood into a smooth trend, a Gaussian
    process of squared-exponential covariance, and what is independent from slice to slice. The last, 0.12 mm in all for
    both structures, is the annotator's jitter and no part of the outline; the process is.

    Parameters
    ----------
    sd_mm : standard deviation of the process by order: of the mean radius, then of the cosine and sine of each order.
    length_mm : its length: amplitudes so far apart correlate by exp(-1/2).
    constant : relative size of departures of orders 2 to 4 that stay the same along the whole body.
    """

    sd_mm: tuple[float, ...]
    length_mm: float
    constant: float


_DURA = OutlineSettings((0.26, 0.20, 0.10, 0.08, 0.09, 0.04, 0.03), 5.5, 0.012)
_CORD = OutlineSettings((0.06, 0.06, 0.05, 0.07, 0.04, 0.02, 0.03), 4.5, 0.010)


@dataclass(frozen=True)
class AnatomySettings:
    """The body, in mm unless said otherwise; proportions are of an adult lying on the back.

    Parameters
    ----------
    length_scale : how long the spine is against an adult's; what lies across keeps its size.
    sac_centre_ras : mm, x and y of the dural sac's middle on the topmost slice.
    variation : relative standard deviation of diameters from subject to subject.
    scoliosis_mm : standard deviation of the sac's sideways swing.
    root_diameter_mm : smallest and largest of the joined roots.
    wobble_degrees : how far a root strays about the sac's axis from its smooth course, at most.
    stray_mm, stray_length_mm : standard deviation in each direction of a root's straying from its smooth course, and
        the length over which that changes: a Gaussian process found in sub-03 as the outlines' are, beside a jitter
        of 0.10 mm (14 roots, 536 points: medians 0.20 mm and 4.2 mm, with what roots follow of the dura).
    segments : the levels that are annotated; others from T12 to S3 are drawn without an annotation.
    dura, cord : how their outlines vary along the body; in mm also where the spine is shorter.
    crowd : how the roots crowd together.
    variant : how the anatomy differs from the usual.
    """

    length_scale: float = 1.0
    sac_centre_ras: tuple[float, float] = (-5.6, -54.0)
    variation: float = 0.04
    scoliosis_mm: float = 0.8
    root_diameter_mm: tuple[float, float] = (0.8, 1.4)
    wobble_degrees: float = 1.2
    stray_mm: float = 0.15
    stray_length_mm: float = 4.5
    segments: tuple[str, ...] = DEFAULT_SEGMENTS
    dura: OutlineSettings = _DURA
    cord: OutlineSettings = _CORD
    crowd: CrowdSettings = field(default_factory=CrowdSettings)
    variant: VariantSettings = field(default_factory=VariantSettings)


@dataclass(frozen=True)
class DistractorSettings:
    """What is drawn and not annotated.

    Parameters
    ----------
    rootlets : smallest and largest number of rootlets that join a root below its first slice.
    ventral_roots : whether each level has a thin ventral root as well.
    sacral_threads : thin lower sacral and coccygeal roots on each side of the filum.
    vessels : winding vessels on the cord and along the roots.
    """

    rootlets: tuple[int, int] = (1, 3)
    ventral_roots: bool = True
    sacral_threads: int = 2
    vessels: int = 3


@dataclass(frozen=True)
class ImageSettings:
    """Contrast and artefacts of the CISS image; intensities relative to the cerebrospinal fluid.

    Contrast, brightness, noise and edges were measured on 20 slices of the CISS image of sub-03 (Liu et al. 2024);
    the rest is by eye.

    Parameters
    ----------
    csf_level : scanner units of pure fluid where it is brightest.
    csf_to_root : contrast of fluid to root; 2.1-3.9 in published scans.
    csf_to_cord : contrast of fluid to cord.
    surroundings : brightness of what lies outside the dura relative to the 0.42 of the fluid that fat has.
    noise : standard deviation of the noise in each of the two receiver channels, relative to `csf_level`; the
        magnitude is Rician.
    blur_mm : full width at half maximum of the in-plane point spread.
    fluid_along : mm below the topmost slice and brightness there relative to `csf_level`.
    brighter_behind : relative change of brightness per mm to the back, about the sac: the coil lies under the back.
    bias : relative strength of the receive field's fall-off over the image.
    banding : how deep the dark bands of residual off-resonance are, 0..1.
    flow_voids : number of places where moving fluid loses signal.
    flow_void_depth : signal lost there at most, 0..1.
    subslices : planes across a slice's thickness that are averaged (partial volume).
    faults : what goes wrong in the scan.
    """

    csf_level: float = 560.0
    csf_to_root: float = 4.4
    csf_to_cord: float = 3.7
    surroundings: float = 0.78
    noise: float = 0.006
    blur_mm: float = 0.22
    fluid_along: tuple[tuple[float, float], ...] = (
        (-30.0, 0.24), (0.0, 0.28), (28.0, 0.36), (80.0, 0.66), (158.0, 1.0), (220.0, 1.05), (300.0, 0.95),
    )  # fmt: skip
    brighter_behind: float = 0.028
    bias: float = 0.15
    banding: float = 0.1
    flow_voids: int = 8
    flow_void_depth: float = 0.3
    subslices: int = 4
    faults: FaultSettings = field(default_factory=FaultSettings)

    @classmethod
    def plain(cls) -> ImageSettings:
        """Evenly bright fluid, less contrast and more noise: an image in which nothing was measured."""
        return cls(
            csf_level=900.0, csf_to_root=2.8, csf_to_cord=2.3, surroundings=1.0, noise=0.06, blur_mm=0.40,
            fluid_along=((0.0, 1.0),), brighter_behind=0.0, bias=0.25, banding=0.25, flow_void_depth=0.35,
        )  # fmt: skip


@dataclass(frozen=True)
class AnnotatorSettings:
    """How a simulated annotator differs from the truth.

    On the published subject 03 (Liu et al. 2024), the mean of two annotators, the jitter from slice to slice is
    0.10 mm a coordinate in every segment, so that one annotator's is at most 0.14; roots are marked 0.86 mm apart or
    more; 0.25 mm off the cord or more but for the first five marks (0.11 mm from the third, 0.26 mm inside it at most);
    and 0.39 mm inside the dura or more but for the last mark (0.34 mm outside it at most). That two annotators differ
    more from L1 to S2, as roots crowd together, is reported there too.

    Parameters
    ----------
    bias_mm : shift of everything to the right and to the front.
    jitter_mm : standard deviation per coordinate of a root's point, of the first and of the last segment.
    drift_mm : standard deviation of a slow error along a root, of the first and of the last segment.
    drift_slices : over how many slices that error changes.
    on_visible_dots : whether the marks lie on what can be seen, as follows; without it errors know no bounds.
    apart_mm : between the marks of two roots on a slice, at least, unless they truly lie closer.
    off_cord_mm : from a mark to the drawn cord at least, from each mark of a root on, counted from 0; negative inside.
    off_dura_mm : from a mark to the drawn dura at least, but for the last `leaving_slices` of a root that leaves it
        there, which lie at most `beyond_dura_mm` outside.
    ganglion_mm : standard deviation per coordinate of a ganglion.
    contour_mm : standard deviation of a control point across the outline.
    contour_bias_mm : how far outside the outline the contours lie.
    contour_points : number of control points relative to the truth's.
    missed : share of slices on which a root or contour is not marked.
    swaps : how often two neighbouring roots of a side are confused.
    swap_slices : over how many slices each time.
    """

    bias_mm: tuple[float, float] = (0.0, 0.0)
    jitter_mm: tuple[float, float] = (0.12, 0.13)
    drift_mm: tuple[float, float] = (0.12, 0.45)
    drift_slices: float = 6.0
    on_visible_dots: bool = True
    apart_mm: float = 0.86
    off_cord_mm: tuple[tuple[int, float], ...] = ((0, -0.26), (2, 0.11), (5, 0.25))
    off_dura_mm: float = 0.39
    beyond_dura_mm: float = 0.34
    leaving_slices: int = 2
    ganglion_mm: float = 0.8
    contour_mm: float = 0.12
    contour_bias_mm: float = 0.0
    contour_points: float = 1.0
    missed: float = 0.02
    swaps: int = 0
    swap_slices: int = 4


@dataclass(frozen=True)
class PhantomSettings:
    """All of a phantom but its seed."""

    scan: ScanSettings = field(default_factory=ScanSettings)
    anatomy: AnatomySettings = field(default_factory=AnatomySettings)
    distractors: DistractorSettings = field(default_factory=DistractorSettings)
    image: ImageSettings = field(default_factory=ImageSettings)

    @classmethod
    def small(cls, tilt_degrees: float = 0.1) -> PhantomSettings:
        """A spine of half the length on half the slices, cropped to the dural sac: for tests and first steps."""
        scan = ScanSettings(shape=(960, 960, 40), crop_to_sac=True, tilt_degrees=tilt_degrees)
        return cls(scan=scan, anatomy=AnatomySettings(length_scale=0.5))

    def tilted(self, degrees: float) -> PhantomSettings:
        """The same anatomy on slices of another tilt."""
        return replace(self, scan=replace(self.scan, tilt_degrees=degrees))

    @property
    def crowding(self) -> float:
        """From 0, single roots that keep apart, to 1, a crowd as measured."""
        return self.anatomy.crowd.crowding

    def with_crowding(self, crowding: float) -> PhantomSettings:
        """The same with roots that crowd more or less; without any crowd the image is plain as well."""
        crowd = replace(self.anatomy.crowd, crowding=crowding)
        image = self.image if crowding > 0 else ImageSettings.plain()
        return replace(self, anatomy=replace(self.anatomy, crowd=crowd), image=image)
