"""Which populations are unlike those that the model was trained on: what each has too much of.

Pure. The names of the shapes stand in docs/performance-linkage.md.
"""

from dataclasses import dataclass

from scripts.linkage.unlike_names import (
    BENGALI,
    ENGLISH,
    EUROPEAN,
    FEN,
    PAKISTANI,
    PATRONYMIC,
    POOLS,
    PUNJABI,
    TRAVELLERS,
    VIETNAMESE,
    WELSH,
    Pool,
)


@dataclass(frozen=True)
class Shape:
    """How a population is made. A share is a chance for each family, child, person or row."""

    name: str
    pools: tuple[Pool, ...]
    postcodes: int = 400
    #: Everybody of a postcode lives in one house of flats.
    flats: bool = False
    #: How many children a couple has, at most.
    children: int = 3
    twins: float = 0.03
    triplets: float = 0.0
    #: Twins whose names differ by a letter or two.
    alike: float = 0.15
    #: A son or a daughter has the father's or the mother's name.
    juniors: float = 0.1
    #: A child is called after a grandparent, so that cousins are namesakes.
    ancestors: float = 0.0
    parted: float = 0.2
    first_of_january: float = 0.0
    #: The number is missing, in each register.
    no_number: float = 0.3
    #: The number of somebody else of the household stands there.
    others_number: float = 0.001
    #: Forename and surname stand in each other's place on the list.
    swapped: float = 0.012
    one_name: float = 0.0
    #: A register holds another of a person's surnames, or several.
    name_varies: float = 0.02
    spelled_otherwise: float = 0.03
    married: float = 0.02
    moved: float = 0.13
    #: A multiple of ordinary slips of the hand.
    slips: float = 1.0
    #: So many of the rows are people of the cohort.
    overlap: float = 0.5
    #: The list takes whole households.
    households: bool = False
    #: So much of a household is in the cohort.
    known: float = 0.75
    rows: int = 2000
    cohort: int = 4000


SHAPES = (
    Shape("few names on one estate", (ENGLISH, FEN), postcodes=60, twins=0.1, triplets=0.02, alike=0.3, juniors=0.3,
          no_number=0.45),
    Shape("flats behind one postcode", (ENGLISH, EUROPEAN, PATRONYMIC), postcodes=15, flats=True, no_number=0.55),
    Shape("twins and triplets", POOLS, children=4, twins=0.3, triplets=0.1, alike=0.4, no_number=0.45, known=0.5),
    Shape("fathers, sons and cousins of one name", (TRAVELLERS, WELSH), postcodes=50, juniors=0.5, ancestors=0.5,
          no_number=0.5, moved=0.25),
    Shape("Singh and Kaur", (PUNJABI,), name_varies=0.5, no_number=0.45, swapped=0.03),
    Shape("Mohammed, Begum and Khan", (PAKISTANI, BENGALI), first_of_january=0.2, name_varies=0.3, no_number=0.45,
          spelled_otherwise=0.2, twins=0.06, children=5),
    Shape("fathers' names and single names", (PATRONYMIC,), first_of_january=0.35, one_name=0.15, name_varies=0.35,
          no_number=0.5, spelled_otherwise=0.15),
    Shape("surname first", (VIETNAMESE, EUROPEAN, WELSH), swapped=0.4, no_number=0.45),
    Shape("marriage and hyphens", (ENGLISH, FEN, EUROPEAN), married=0.25, name_varies=0.15, parted=0.4,
          no_number=0.45),
    Shape("whole households", POOLS, households=True, twins=0.08, juniors=0.2, no_number=0.5, known=0.6),
    Shape("strangers only", POOLS, overlap=0.0, no_number=0.5, twins=0.08, first_of_january=0.1),
    Shape("everybody is known", POOLS, overlap=1.0, known=1.0, no_number=0.45),
    Shape("hardly a number", (ENGLISH, FEN, PAKISTANI), no_number=0.7, twins=0.05, juniors=0.2),
    Shape("each other's numbers", POOLS, others_number=0.04, juniors=0.2, twins=0.06, no_number=0.3),
    Shape("careless registers", POOLS, slips=3.0, no_number=0.45, twins=0.06, others_number=0.005),
    Shape("a long list", POOLS, rows=20_000, cohort=9000, overlap=0.2, no_number=0.5, twins=0.05),
)  # fmt: skip
