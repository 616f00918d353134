"""Which invented populations are for what: none serves two purposes.

The held-out ones are used once, by scripts/measure_linkage.py, after the model, the rules and the thresholds stand.
Populations 9001 to 9020 were held out for the model of the hash dd7416d6 and are spent.
"""

#: Error rates: half, ordinary, double.
RATES = (0.5, 1.0, 2.0)
TRAINING = tuple(range(1, 5))
DEVELOPMENT = tuple(range(101, 111))
HELD_OUT = tuple(range(9101, 9121))
#: Of each shape in `unlike_shapes.py`.
UNLIKE_DEVELOPMENT = (1, 2)
UNLIKE_HELD_OUT = (9201, 9202)
