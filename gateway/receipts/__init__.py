"""Stage 8: what came back."""
