"""From surfaces that part regions to labelled volumes: the welded surface set, tetrahedra, voxels, and their files."""
