"""What people and the night ask for, one file an ask: where pure stages, edges and the ledger meet."""
