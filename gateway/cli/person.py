"""How a command is told whom it is about: on standard input or at a prompt without echo, never as an argument.

Arguments stand in shell histories and in the list of processes (law L8).
"""

import sys

import click

from gateway.cohort.identifiers import Environment, Unusable, parse_nino
from gateway.errors import SubjectUnknown
from gateway.services.workplace import Workplace
from gateway.store.blind_index import NINO, Clue

#: The kinds of identifier besides the sources' own ids, which are named as the sources are.
by = click.option("--by", "kind", default=NINO, show_default=True, help="nino, or the source whose id is given.")
person = click.option("--person", "person", type=click.Choice(["-"]), required=True, help="- reads standard input.")
case = click.option("--case", "case", required=True, help="The case reference.")


def asked_for(workplace: Workplace, kind: str) -> Clue:
    """Read an identifier and return it in normal form. Raises SubjectUnknown where it cannot be one."""
    text = click.prompt("Identifier", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    value = text.strip()
    if kind != NINO:
        return kind, value
    try:
        return NINO, parse_nino(value, Environment(workplace.environment)).value
    except Unusable as error:
        raise SubjectUnknown(f"that is not a National Insurance number ({error.flaw.value})") from None
