"""Annotations for programs that learn, and back: numbers, data sets, soft maps, centrelines, scores and queues."""
