"""Stage 1: source extracts in, canonical records and rejects out."""
