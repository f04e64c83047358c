"""A dataset that somebody published, in the layout and under the names that are written here."""
