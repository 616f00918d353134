"""What a person may ask for of the county: to be forgotten, and to have recipients told."""
