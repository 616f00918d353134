"""The keys that the county holds: make, rotate and compare them, and warn before they end."""
