"""How a register is shown: as plain text, as a page, as CSV or as one JSON document, always on standard output."""

from enum import StrEnum

import click

from gateway.cli.showing import as_json, show_json
from gateway.documents.register import Register, as_csv, as_data, as_page, as_text


class Form(StrEnum):
    """A form in which a register can be read."""

    TEXT = "text"
    HTML = "html"
    CSV = "csv"


form = click.option("--as", "form", type=click.Choice([each.value for each in Form]), default="text", show_default=True)

__all__ = ["as_json", "form", "show_register"]


def show_register(register: Register, form: str, *, as_json: bool) -> None:
    """Print a register."""
    if as_json:
        show_json(as_data(register))
        return
    write = {Form.TEXT: as_text, Form.HTML: as_page, Form.CSV: as_csv}[Form(form)]
    # CSV ends its lines in its own way.
    click.echo(write(register).encode(), nl=False)
