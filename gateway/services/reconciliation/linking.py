"""Edge: give the matcher what it works with: the shipped model, and the county's table of names that may be one.

Read from the files each time that a list is answered, and kept while they are the same.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from threading import Thread

from gateway.errors import ConfigurationError
from gateway.model.linkage import Judged, Linked, Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import Nicknames, parse_nicknames
from gateway.services.reconciliation.answer_list import Link
from gateway.services.workplace import Workplace

#: Loaded when it is needed: much else is done without it.
_MATCHER = "gateway.reconciliation.linking"
_FILE = "nicknames.csv"


def linker(workplace: Workplace) -> Link:
    """Return what holds rows against people, with this county's names."""
    link = import_module(_MATCHER).link
    model, nicknames = shipped_model(), _nicknames_of(workplace)

    def linked(claimants: Sequence[Claimant], people: Sequence[Person], judged: Sequence[Judged]) -> Linked:
        found: Linked = link(claimants, people, model=model, nicknames=nicknames, judged=judged)
        return found

    return linked


def load_matcher() -> None:
    """Begin to load what links while the database works out who is on the list: DuckDB takes a tenth of a second."""
    Thread(target=import_module, args=(_MATCHER,)).start()


def reader_of(workplace: Workplace) -> Reader:
    """Return what reads claimants and people into the form in which they are compared."""
    return Reader(_nicknames_of(workplace))


def _nicknames_of(workplace: Workplace) -> Nicknames:
    try:
        text = (workplace.folders.linkage / _FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{_FILE} cannot be read: {error.strerror}") from None
    return _parsed(text)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Nicknames:
    return parse_nicknames(text)
