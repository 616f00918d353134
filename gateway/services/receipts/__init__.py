"""Ask partners for their receipts, believe those that are theirs, and say which are overdue."""
