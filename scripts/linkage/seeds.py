"""Which invented populations are for what: none serves two purposes.

The held-out ones are used once, by scripts/measure_linkage.py, after the model, the rules and the thresholds stand.
"""

#: Error rates: half, ordinary, double.
RATES = (0.5, 1.0, 2.0)
TRAINING = tuple(range(1, 5))
DEVELOPMENT = tuple(range(101, 111))
HELD_OUT = tuple(range(9001, 9021))
