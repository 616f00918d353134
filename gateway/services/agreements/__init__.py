"""Which agreements there are, how each stands, and what officers do to them; among it the stop of all disclosures."""
