"""Stage 4: the cohort and an agreement in, one decision for each person out."""
