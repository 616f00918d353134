"""Stage 3: documents and signatures in, agreements that may be acted on out."""
