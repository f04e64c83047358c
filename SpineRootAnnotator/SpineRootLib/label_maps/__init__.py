"""Label maps that other programs made, read into proposals: contours of cord and sac, points of roots and ganglia."""
