"""Hold a work-coach list against the people whom it may name: which row is who, and which a person must see."""
