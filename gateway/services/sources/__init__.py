"""Take in the extracts of the night: gates, what is kept of them, what was refused, and how they stand."""
