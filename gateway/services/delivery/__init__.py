"""Bring sealed lists to their partner, one at a time or in lanes, and say what to do about one that is not there."""
