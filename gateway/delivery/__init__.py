"""Stage 7: a sealed package to its recipient, and proof that it is there."""
