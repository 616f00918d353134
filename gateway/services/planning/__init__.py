"""What is due, what is done and what is late, from the ledger of runs and the clock alone."""
