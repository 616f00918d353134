"""A database that comes from a backup, or moves to another machine."""
