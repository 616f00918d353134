"""Nouns of the field, frozen and without an outside world."""
