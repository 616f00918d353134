"""Which forenames may be one: short forms and spellings, as config/linkage/nicknames.csv groups them.

- A line is one group: the name in full, its other forms, the community whose names they are. A form may stand in
  several groups (Alex); two forms may be one name when they share a group.
- A name without other forms is there because it is a name.
- A name that stands anywhere in the table is a known name: one letter between two known names is no slip of a key.

Pure: the caller reads the file.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, field

from gateway.errors import ConfigurationError
from gateway.reconciliation.plain import plain

_COLUMNS = ["name", "forms", "community"]


@dataclass(frozen=True, slots=True)
class Nicknames:
    """The groups in which each form of a name stands."""

    groups: dict[str, tuple[str, ...]] = field(repr=False)

    def of(self, name: str) -> tuple[str, ...]:
        """Return the groups of a name in normal form, none for one that is not known."""
        return self.groups.get(name, ())


NO_NICKNAMES = Nicknames({})


def parse_nicknames(text: str) -> Nicknames:
    """Read the table. Raises ConfigurationError when it is not of the form."""
    lines = list(csv.reader(text.splitlines()))
    if not lines or lines[0] != _COLUMNS:
        raise ConfigurationError("nicknames.csv must begin with: " + ",".join(_COLUMNS))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(_COLUMNS) or not plain(line[0]):
            raise ConfigurationError(
                f"nicknames.csv, line {number}: a name, its other forms and a community are needed"
            )
        group = plain(line[0]).replace(" ", "")
        for form in (group, *plain(line[1]).split()):
            found[form].add(group)
    return Nicknames({form: tuple(sorted(groups)) for form, groups in found.items()})
