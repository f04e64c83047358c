"""Straightened views: the image along a root, or along the sac, as one strip in which a course is seen whole."""
