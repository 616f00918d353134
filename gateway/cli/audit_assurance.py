"""`gateway audit assurance`: the signed statement of a month."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json
from gateway.cli.writing import require_new, write_new_files
from gateway.errors import ExitCode
from gateway.services.assurance.sign_assurance import SignedStatement, sign_assurance


@click.command("assurance")
@click.option("--month", required=True, help="Like 2026-11.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="A new folder, for text and page.")
@as_json
@click.pass_obj
def assurance(config: Path | None, month: str, out: Path | None, as_json: bool) -> int:
    """Verify the evidence now and sign the statement of a month; a stranger checks it with gpg."""
    if out:
        require_new(out)
    with opened(config) as workplace:
        signed = sign_assurance(workplace, month)
    if out:
        write_new_files(out, signed.files)
    if as_json:
        show_json(_data(signed))
    elif out is None:
        click.echo(signed.text, nl=False)
    if out:
        say(f"Written to {out}. To check it: gpg --import council-certificate.asc, then gpg --verify the .asc files.")
    return ExitCode.DONE if signed.figures.verification.whole else ExitCode.INTEGRITY


def _data(signed: SignedStatement) -> dict[str, object]:
    return {"figures": signed.figures, "files": {name: data.decode() for name, data in signed.files.items()}}


COMMANDS = (assurance,)
