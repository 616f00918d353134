"""What is kept how long: what is due to go and why, its removal, and what a case keeps beyond its time."""
