"""Face: the command line. It parses, asks a service, and shows the answer.

Data goes to standard output and talk to standard error. Every refusal names the way out of it, and the exit code says
which kind of refusal it was (errors.py, design.md section 8). Commands are imported only when asked for, so that
`gateway --help` is quick.
"""

import atexit
import gc
import sys
from pathlib import Path
from typing import Any

import click

from gateway import __version__
from gateway.cli.later import Later
from gateway.errors import ExitCode, GatewayError

#: Command -> (module, one line of help). Shown in this order.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("gateway.cli.demo", "A whole night on an invented county, with the evidence shown."),
    "init": ("gateway.cli.init", "Make a new county's configuration, keys and database."),
    "sources": ("gateway.cli.sources", "Load extracts; see what was loaded and what was refused."),
    "agreements": (
        "gateway.cli.agreements",
        "Check, read, preview, compare, approve and suspend agreements.",
    ),
    "disclose": ("gateway.cli.disclose", "Run what is due; see where each list stands; release held lists."),
    "deliver": ("gateway.cli.deliver", "Deliver what is sealed."),
    "receipts": ("gateway.cli.receipts", "Collect what partners answered."),
    "audit": ("gateway.cli.audit", "Verify the evidence; say who was told what about a person."),
    "subjects": ("gateway.cli.subjects", "Hold a person back, tell recipients of a correction, forget a person."),
    "complaints": ("gateway.cli.complaints", "Record complaints, acknowledge them in time, close them."),
    "retention": ("gateway.cli.retention", "What is kept how long; what goes, and what a case keeps."),
    "reconcile": ("gateway.cli.reconcile", "Hold a Jobcentre's list of claimants against what it was told."),
    "claimants": ("gateway.cli.claimants", "Take in the lists that recipients ask with (mode match_first)."),
    "keys": ("gateway.cli.keys", "Our keys and the partners' certificates."),
    "partners": ("gateway.cli.partners", "Reach, pin, stop and start partners."),
    "service": ("gateway.cli.service", "The nightly service."),
    "sandbox": ("gateway.cli.sandbox", "A partner's side on this machine, for rehearsal."),
    "doctor": ("gateway.cli.doctor", "Check everything that a night needs."),
    "db": ("gateway.cli.db", "Bring the database to this version."),
    "config": ("gateway.cli.config", "Show the settings in force."),
}


#: Objects that may be made before what is left of them is searched for cycles. Hardly any form some, and Python would
#: search a command's a hundred times.
_MADE_BEFORE_A_SEARCH = 50_000

#: Each module calls its command so.
_LATER = {name: (module, "command", line) for name, (module, line) in COMMANDS.items()}


@click.group(cls=Later, later=_LATER, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config",
    # Whether it can be read is for whoever reads it: click asks by the real user, files open by the effective one.
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="The settings file; else GATEWAY_CONFIG, else config/gateway.toml.",
)
@click.version_option(__version__, prog_name="gateway")
@click.pass_context
def gateway(context: click.Context, config: Path | None) -> None:
    """The one way out of the council for data about families in its programme."""
    context.obj = config


def _leave_what_there_is() -> None:
    """Let what there is at the end go with the process, not searched for cycles first.

    DuckDB's binding would tell whoever ran the command of each of its functions that it was leaked.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    gc.set_threshold(_MADE_BEFORE_A_SEARCH)
    atexit.register(_leave_what_there_is)
    try:
        answer: Any = gateway.main(args=arguments, prog_name="gateway", standalone_mode=False)
    except GatewayError as error:
        click.echo(f"{error.code}: {error}", err=True)
        click.echo(f"Next: {error.advice()}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped; nothing more was done.", err=True)
        sys.exit(ExitCode.FAILED)
    sys.exit(answer if isinstance(answer, int) else ExitCode.DONE)
