"""Stage 5: decisions in, the agreed fields and nothing else out."""
