"""The phantoms on which tracing is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from SpineRootLib.phantom import DistractorSettings, ImageSettings, Phantom, PhantomSettings, ScanSettings, make_phantom


@dataclass(frozen=True)
class Case:
    """A phantom: its name, seed, scan and image."""

    name: str
    seed: int
    scan: ScanSettings
    image: ImageSettings
    distractors: DistractorSettings = DistractorSettings()

    @cache  # noqa: B019 - a case is a constant of this script
    def make(self) -> Phantom:
        """The phantom, cropped to the sac as the tracer would look at it anyway."""
        scan = replace(self.scan, crop_to_sac=True)
        return make_phantom(PhantomSettings(scan, distractors=self.distractors, image=self.image), self.seed)


FINE = ScanSettings()
_COARSE = ScanSettings(voxel_mm=(0.35, 0.35, 1.8), shape=(824, 824, 72))
CASES = (
    Case("0.30 mm, contrast 2.8", 101, FINE, ImageSettings()),
    Case("0.35 mm, contrast 2.1, tilt 8", 102, replace(_COARSE, tilt_degrees=8.0), ImageSettings(csf_to_root=2.1)),
    Case("0.30 mm, contrast 3.9, tilt -5", 103, replace(FINE, tilt_degrees=-5.0), ImageSettings(csf_to_root=3.9)),
    Case("0.30 mm, contrast 2.1, noise 12 %", 104, FINE, ImageSettings(csf_to_root=2.1, noise=0.12)),
    Case("0.35 mm, contrast 2.8, noise 9 %", 105, _COARSE, ImageSettings(noise=0.09)),
)
HELD_OUT = Case(
    "held out: twice the distractors and artefacts, tilt 15",
    201,
    replace(_COARSE, tilt_degrees=15.0),
    ImageSettings(csf_to_root=3.3, noise=0.08, flow_voids=16, flow_void_depth=0.5, banding=0.45, bias=0.4),
    DistractorSettings(rootlets=(2, 4), sacral_threads=3, vessels=6),
)
