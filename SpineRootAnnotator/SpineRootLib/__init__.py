"""The domain of SpineRoot: anatomy, files, distances, consensus and surfaces of spinal nerve roots.

Nothing in this package knows Slicer or Qt. Coordinates are RAS, millimetres, float64, shape (n, 3),
unless a name says otherwise.
"""

__version__ = "0.1.0"
