"""One person, asked for by an identifier: found, held back, or known to be forgotten."""
