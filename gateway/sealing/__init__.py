"""Stage 6: a minimised list in, an encrypted and signed package out."""
