"""Many subjects: the whole chain for each of them, and what they say together."""
