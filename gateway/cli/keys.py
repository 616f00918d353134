"""`gateway keys`: our keys and the partners' certificates."""

from pathlib import Path

import click

from gateway.bootstrap import keyring_of
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.model.keys import KeyPurpose
from gateway.services.manage_keys import (
    activate_key,
    import_certificate,
    key_warnings,
    list_keys,
    prepare_key,
    register_keys,
)
from gateway.settings import read_settings


@click.group("keys")
def command() -> None:
    """Our keys and the partners' certificates."""


@command.command("generate")
@as_json
@click.pass_obj
def generate(config: Path | None, as_json: bool) -> None:
    """Register our keys, which `gateway init` made, in the ledger. keys/README.md has the ceremony."""
    with opened(config) as workplace:
        registered = register_keys(workplace)
    if as_json:
        show_json(registered)
        return
    for key in registered:
        click.echo(f"{key.purpose.value}  {key.algorithm}  {key.fingerprint}")
    if not registered:
        say("They are registered already.")


@command.command("list")
@as_json
@click.pass_obj
def list_(config: Path | None, as_json: bool) -> None:
    """Say which keys are registered, and which end soon."""
    with opened(config) as workplace:
        keys, warnings = list_keys(workplace), key_warnings(workplace)
    if as_json:
        show_json({"keys": keys, "warnings": warnings})
        return
    show_table(
        ("purpose", "owner", "state", "algorithm", "last day", "fingerprint"),
        [(k.purpose, k.owner, k.state, k.algorithm, k.not_after_on, k.fingerprint) for k in keys],
    )
    for warning in warnings:
        left = "cannot be used" if warning.days_left is None else f"{warning.days_left} days left"
        say(f"{warning.owner} {warning.purpose.value}: {left}. {warning.advice}")


@command.command("show")
@click.argument(
    "purpose", type=click.Choice([KeyPurpose.PACKAGES.value, KeyPurpose.CHECKPOINTS.value, KeyPurpose.SSH.value])
)
@as_json
@click.pass_obj
def show(config: Path | None, purpose: str, as_json: bool) -> None:
    """Print the public half of a key of ours, to give to a partner."""
    found = [key for key in keyring_of(read_settings(config)).facts() if key.purpose == purpose]
    if as_json:
        show_json(found)
        return
    for key in found:
        click.echo(key.public.rstrip())
        say(f"Fingerprint: {key.fingerprint}. Compare it by phone: keys/README.md.")


@command.command("prepare")
@click.argument("purpose", type=click.Choice(["packages", "ssh"]))
@click.pass_obj
def prepare(config: Path | None, purpose: str) -> None:
    """Make the next key of ours and print its public half; it is not used before `keys activate`."""
    with opened(config) as workplace:
        facts = prepare_key(workplace, KeyPurpose(purpose))
    click.echo(facts.public.rstrip())
    say(f"Fingerprint: {facts.fingerprint}. Give both to every partner, and have it compared by phone: keys/README.md.")


@command.command("activate")
@click.argument("purpose", type=click.Choice(["packages", "ssh"]))
@click.pass_obj
def activate(config: Path | None, purpose: str) -> None:
    """Use the key that was prepared from now on, and retire the one before."""
    with opened(config) as workplace:
        facts = activate_key(workplace, KeyPurpose(purpose))
    say(f"In use from now on: {facts.fingerprint} ({facts.algorithm}).")


@command.command("import")
@click.argument("partner")
@click.option("--purpose", default="recipient", type=click.Choice(["recipient", "receipts"]), show_default=True)
@click.option("--fingerprint", required=True, help="As it was read out on the telephone.")
@click.pass_obj
def import_(config: Path | None, partner: str, purpose: str, fingerprint: str) -> None:
    """Register a partner's certificate under the fingerprint that was compared by phone."""
    with opened(config) as workplace:
        facts = import_certificate(workplace, partner, KeyPurpose(purpose), fingerprint)
    say(f"Registered {facts.fingerprint} ({facts.algorithm}) for {partner}.")
