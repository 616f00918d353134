"""`gateway audit witness`: a second box that remembers the newest checkpoint of a log and co-signs what only grew.

It has no settings and no database: one private file with its key and what it saw. Nobody is in it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli.showing import as_json, count, say, show_json
from gateway.clock import SystemClock
from gateway.errors import CheckpointInvalid
from gateway.keyring.files import read_private, replace_private, write_private
from gateway.ledger.proof_documents import lines_of
from gateway.ledger.witness import Witness, judge_growth

_state = click.option(
    "--state", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The witness's own private file."
)
_log = click.option("--log", "logs", multiple=True, required=True, help="The public key of a log: name+id+key.")


@click.group("witness")
def witness() -> None:
    """Remember a log's newest checkpoint on a second box, and co-sign it where the log only grew."""


@witness.command("new")
@_state
@click.option("--name", required=True, help="What the witness is called, like desk.example/witness.")
@_log
@as_json
def new(state: Path, name: str, logs: tuple[str, ...], as_json: bool) -> None:
    """Make a witness with a key of its own, for logs whose keys you were told."""
    made = Witness(name, Ed25519PrivateKey.generate().private_bytes_raw(), {})
    for vkey in logs:
        made = made.watching(vkey.strip())
    vkey = made.cosigner.vkey
    write_private(state, made.written())
    if as_json:
        show_json({"witness": vkey, "logs": list(made.logs)})
    else:
        click.echo(vkey)
    say("Give this key to whoever verifies: gateway audit verify --witness, or the stand-alone verifier.")


@witness.command("cosign")
@_state
@click.argument("proof", type=click.File("r", encoding="utf-8"), default="-")
@as_json
def cosign(state: Path, proof: IO[str], as_json: bool) -> None:
    """Co-sign the checkpoint of a proof (`gateway audit proof --consistency`); - or nothing reads standard input."""
    try:
        document = json.loads(proof.read())
    except ValueError as error:
        raise CheckpointInvalid("this is no proof that a log grew") from error
    with _alone(state):
        judged = judge_growth(Witness.read(read_private(state)), document, SystemClock().now())
        # On disk first: what was co-signed and forgotten could be contradicted.
        replace_private(state, judged.witness.written())
    if judged.refusal is not None or judged.cosigned is None:
        raise judged.refusal or CheckpointInvalid("nothing was co-signed")
    if as_json:
        show_json({"checkpoint": lines_of(judged.cosigned)})
    else:
        click.echo(judged.cosigned, nl=False)


@witness.command("show")
@_state
@as_json
def show(state: Path, as_json: bool) -> None:
    """Show what was seen last of each log, and the key that others verify with."""
    seen = Witness.read(read_private(state))
    sizes = {origin: log.newest.size if log.newest else 0 for origin, log in seen.logs.items()}
    if as_json:
        show_json({"witness": seen.cosigner.vkey, "logs": sizes, "contradictions": seen.contradictions})
        return
    click.echo(seen.cosigner.vkey)
    for origin, size in sizes.items():
        click.echo(f"{origin}: {count(size)} entries")
    if seen.contradictions:
        say(f"{len(seen.contradictions)} checkpoints contradict what was seen. Keep this file, call the auditors.")


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Let nobody else work with the state: two at once could co-sign two stories."""
    lock = state.with_name(f"{state.name}.lock")
    try:
        lock.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        advice = f"If nobody does, because the machine went down, remove {lock.name}."
        raise CheckpointInvalid("somebody else works with this witness", advice=advice) from error
    try:
        yield
    finally:
        lock.unlink()


COMMANDS = (witness,)
