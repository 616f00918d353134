"""How a report is shown: as plain text or as a page, on standard output."""

from enum import StrEnum

import click

from gateway.documents.report import Report, report_page, report_text


class Form(StrEnum):
    """A form in which a report can be read."""

    TEXT = "text"
    HTML = "html"


form = click.option("--as", "form", type=click.Choice([each.value for each in Form]), default="text", show_default=True)


def show_report(report: Report, form: str) -> None:
    """Print a report."""
    click.echo(report_page(report) if form == Form.HTML else report_text(report), nl=False)
