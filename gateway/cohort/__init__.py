"""Stage 2: records of several systems in, people and families out."""
