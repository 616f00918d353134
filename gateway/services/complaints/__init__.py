"""Complaints under section 164A of the Data Protection Act 2018: recorded, acknowledged in time, closed."""
