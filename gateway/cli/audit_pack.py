"""`gateway audit pack`: one signed pack of a period for the ICO or an internal audit."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import case
from gateway.cli.showing import as_json, count, say, show_json
from gateway.cli.writing import require_new, write_new_file, write_new_files
from gateway.errors import ExitCode
from gateway.services.assurance.audit_pack import archive_of, make_pack
from gateway.services.assurance.audit_sample import MOST_EACH
from gateway.services.registers.register_uses import Period

_DAY = click.DateTime(["%Y-%m-%d"])
_ARCHIVE = ".zip"


@click.command("pack")
@click.option("--from", "first", type=_DAY, required=True, help="The first London day.")
@click.option("--to", "last", type=_DAY, required=True, help="The last London day.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder, or a new file named *.zip.")
@click.option("--sample", "sampled_each", type=click.IntRange(1, MOST_EACH), help="Add so many of each stratum.")
@case
@as_json
@click.pass_obj
def pack(
    config: Path | None,
    first: datetime,
    last: datetime,
    out: Path,
    sampled_each: int | None,
    case: str,
    as_json: bool,
) -> int:
    """Make the audit pack of a period: agreements, registers, runs, failures, looks, retention, and an index; signed.

    Nobody is in it unless a sample is added. Begin with index.html.
    """
    require_new(out)
    with opened(config) as workplace:
        period = Period(first.date(), last.date())
        made = make_pack(workplace, period, case_reference=case, sampled_each=sampled_each or 0)
    if out.suffix == _ARCHIVE:
        write_new_file(out, archive_of(made))
    else:
        write_new_files(out, made.files)
    if as_json:
        show_json({"files": sorted(made.files), "manifest_sha256": made.manifest_sha256, "whole": made.verified})
    say(f"{count(len(made.files))} files. Manifest {made.manifest_sha256}. Begin with index.html.")
    if not made.verified:
        say("The evidence is NOT whole: the pack says so. Next: gateway audit verify")
    return ExitCode.DONE if made.verified else ExitCode.INTEGRITY


COMMANDS = (pack,)
