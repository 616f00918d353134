"""`gateway keys`: our keys and the partners' certificates."""

from pathlib import Path

import click

from gateway.bootstrap import keyring_of
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.model.keys import KeyFacts, KeyPurpose
from gateway.services.keys.compare_keys import NEEDED
from gateway.services.keys.finish_changes import CHANGED
from gateway.services.keys.key_warnings import key_warnings
from gateway.services.keys.manage_keys import import_certificate, list_keys, register_keys, seal_keys
from gateway.services.keys.rotate_keys import Change, Stage, abandon_key, compare_our_key, rotate_key
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
        say(f"{warning.owner} {warning.purpose.value}: {left}. {warning.advice} Next: {warning.next}")


@command.command("show")
@click.argument("purpose", type=click.Choice([purpose.value for purpose in CHANGED]))
@click.option("--next", "following", is_flag=True, help="The one that was prepared, not the one in use.")
@as_json
@click.pass_obj
def show(config: Path | None, purpose: str, following: bool, as_json: bool) -> None:
    """Print the public half of a key of ours, to give to others, and its fingerprint, to be read aloud."""
    ring = keyring_of(read_settings(config))
    prepared = ring.prepared(KeyPurpose(purpose)) if following else None
    found = [prepared] if prepared else [key for key in ring.facts() if key.purpose == purpose and not following]
    if as_json:
        show_json(found)
        return
    for key in found:
        _show_public(key)
    if not found:
        say(f"None was prepared. Next: gateway keys rotate {purpose}")


@command.command("rotate")
@click.argument("purpose", type=click.Choice([purpose.value for purpose in CHANGED]))
@click.option("--abandon", is_flag=True, help="Give up the key that was prepared.")
@as_json
@click.pass_obj
def rotate(config: Path | None, purpose: str, abandon: bool, as_json: bool) -> None:
    """Change a key of ours: make the next one, or put it in use once two people compared it with all who rely on it."""
    with opened(config) as workplace:
        if abandon:
            given_up = abandon_key(workplace, KeyPurpose(purpose))
            if as_json:
                show_json(given_up)
            else:
                say(f"Given up: {given_up.fingerprint}. The key in use goes on.")
            return
        change = rotate_key(workplace, KeyPurpose(purpose))
    if as_json:
        show_json(change)
        return
    match change.stage:
        case Stage.PREPARED:
            _show_public(change.facts)
            say("It is made and not used yet; the one before goes on.")
        case Stage.WAITING:
            say(f"The next key waits: {change.facts.fingerprint}")
        case Stage.IN_USE:
            say(f"In use from now on: {change.facts.fingerprint} ({change.facts.algorithm}).")
            say(_AFTERWARDS[change.purpose])
    _show_missing(change)


@command.command("compare")
@click.argument("purpose", type=click.Choice([purpose.value for purpose in CHANGED]))
@click.option("--with", "party", help="The partner who read it out.")
@click.option("--fingerprint", required=True, help="The whole, as it was read out.")
@click.pass_obj
def compare(config: Path | None, purpose: str, party: str | None, fingerprint: str) -> None:
    """Enter that you heard a prepared key's fingerprint read out, and typed it. It takes two people."""
    with opened(config) as workplace:
        change = compare_our_key(workplace, KeyPurpose(purpose), fingerprint, party)
    say("Entered: it is the key that was prepared.")
    _show_missing(change)


#: What is left to be done when a key has been put in use.
_AFTERWARDS = {
    KeyPurpose.PACKAGES: "Partners keep the one before for the lists that it signed. Back the keys up: keys/README.md.",
    KeyPurpose.SSH: "Ask every partner to take the one before off their server. Back the keys up: keys/README.md.",
    KeyPurpose.CHECKPOINTS: "Give the new one (`gateway keys show checkpoints`) to whoever keeps checkpoints, and back "
    "the keys up now: without this one the log cannot go on. Destroy the one before.",
    KeyPurpose.INDEX: "Back the keys up now, with the database: neither finds anybody without the other as it is now.",
}


def _show_public(key: KeyFacts) -> None:
    if key.public:
        click.echo(key.public.rstrip())
    say(f"Fingerprint: {key.fingerprint}")


def _show_missing(change: Change) -> None:
    purpose = change.purpose.value
    for missing in change.missing:
        who = "two people" if missing.people == NEEDED else "one more person"
        if missing.party:
            say(
                f"{missing.party}: give them the public half, ring them, and have them read its fingerprint to {who}, "
                f"to be typed by each: gateway keys compare {purpose} --with {missing.party} --fingerprint ..."
            )
        else:
            say(
                f"The record of its making: the fingerprint is read from it and typed by {who}: "
                f"gateway keys compare {purpose} --fingerprint ..."
            )
    if not change.missing and change.stage is Stage.WAITING:
        say(f"Two people have compared it with everybody. Next: gateway keys rotate {purpose}")


@command.command("seal")
@as_json
@click.pass_obj
def seal(config: Path | None, as_json: bool) -> None:
    """Bring our key files under the passphrase that the settings name; no key changes."""
    with opened(config) as workplace:
        names = seal_keys(workplace)
    if as_json:
        show_json(names)
        return
    for name in names:
        click.echo(name)
    say("They are under the passphrase." if names else "They were already.")


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
