"""`gateway sandbox`: the partners' side on this machine, and invented extracts in the county's own layout.

For rehearsals: every command is refused where people are real. What those who do not exist do is sandbox/acting.py's.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.bootstrap import keyring_of
from gateway.cli.opening import opened, opened_with_settings
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.errors import SettingsInvalid
from gateway.receipts.form import RejectReason
from gateway.sandbox.acting import (
    answer_at_desk,
    approve_as_officers,
    ask_at_desk,
    destroy_at_desk,
    invent_extracts,
    server_of,
)
from gateway.sandbox.server import SandboxServer
from gateway.sources.work_coach_list.read import bytes_of


@click.group("sandbox")
def command() -> None:
    """A partner's side on this machine, for rehearsal; refused where people are real."""


@command.command("invent")
@click.option("--families", default=300, show_default=True, type=click.IntRange(60, 200_000))
@click.option("--seed", default=1, show_default=True, help="The same seed invents the same county.")
@click.option("--again", is_flag=True, help="Write over today's extracts.")
@as_json
@click.pass_obj
def invent(config: Path | None, families: int, seed: int, again: bool, as_json: bool) -> None:
    """Invent people as extracts of today, in the layout that this county's own mappings describe."""
    with opened(config) as workplace:
        facts, made = invent_extracts(workplace, families=families, seed=seed, again=again)
    if as_json:
        show_json({"families": facts.families, "people": facts.people, "extracts": made})
        return
    show_table(
        ("source", "feed", "file", "lines", "left out"),
        [(each.source, each.feed, each.file.name, each.lines, each.left_out) for each in made],
    )
    say(f"{count(facts.families)} families, {count(facts.people)} people, none of whom exists.")
    say("Next: gateway sources load")


@command.command("approve")
@click.argument("agreements", nargs=-1, required=True)
@as_json
@click.pass_obj
def approve(config: Path | None, agreements: tuple[str, ...], as_json: bool) -> None:
    """Approve agreements by this county's two invented officers, who sign as real ones would."""
    with opened_with_settings(config) as (settings, workplace):
        signed = {name: approve_as_officers(workplace, settings.base, name) for name in agreements}
    if as_json:
        show_json(signed)
        return
    for name, principals in signed.items():
        say(f"{name}: approved by {' and '.join(principals)}, who do not exist.")
    say("Next: gateway disclose due")


@command.command("serve")
@as_json
@click.pass_obj
def serve(config: Path | None, as_json: bool) -> None:
    """Be the partners' SFTP server on 127.0.0.1, until Ctrl-C."""
    with opened_with_settings(config) as (settings, workplace):
        server = server_of(workplace, settings.base)
        names = sorted(workplace.partners)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with _listening(server):
        if as_json:
            show_json({"port": server.port, "partners": names})
        say(f"Listening on 127.0.0.1, port {server.port}, for {', '.join(names)}. Ctrl-C ends it.")
        while not ended.wait(1):
            pass
    say("Stopped.")


@contextmanager
def _listening(server: SandboxServer) -> Iterator[None]:
    try:
        server.start()
    except OSError as error:
        server.stop()
        raise SettingsInvalid(
            f"nothing can listen on port {server.port} of this machine: {error.strerror}",
            advice="End what listens there. Another port stands in config/partners/*.toml, and takes new approvals.",
        ) from None
    try:
        yield
    finally:
        server.stop()


@command.command("desk")
@click.argument("partner")
@click.option("--reject", type=click.Choice([reason.value for reason in RejectReason]), help="Refuse what waits.")
@click.option("--destroy", is_flag=True, help="Destroy what it may keep no longer, and leave certificates of that.")
@as_json
@click.pass_obj
def desk(config: Path | None, partner: str, reject: str | None, destroy: bool, as_json: bool) -> None:
    """Be PARTNER's desk: check and open what waits, count what is in it, and leave signed receipts."""
    with opened_with_settings(config) as (settings, workplace):
        if destroy:
            _show_destroyed(partner, destroy_at_desk(workplace, keyring_of(settings), settings.base, partner), as_json)
            return
        refuse = RejectReason(reject) if reject else None
        answered = answer_at_desk(workplace, keyring_of(settings), settings.base, partner, refuse)
    if as_json:
        show_json(answered)
        return
    show_table(("package", "people", "receipt"), [(each.package, each.people, each.receipt) for each in answered])
    for each in answered:
        if each.file:
            say(f"Opened: {each.file}")
    say(f"Next: gateway receipts collect {partner}" if answered else "Nothing waits at this desk.")


@command.command("ask")
@click.argument("partner")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False))
@click.option("--plain", is_flag=True, help="As it is, for an agreement with `claimant_lists: plain`.")
@as_json
@click.pass_obj
def ask(config: Path | None, partner: str, file: Path, plain: bool, as_json: bool) -> None:
    """Be PARTNER's desk: leave a list of invented people for us to answer, encrypted and signed."""
    with opened_with_settings(config) as (settings, workplace):
        ring = keyring_of(settings)
        left = ask_at_desk(workplace, ring, settings.base, partner, bytes_of(file), sealed=not plain)
    if as_json:
        show_json({"left": str(left)})
        return
    say(f"Left: {left}")
    say("Next: gateway claimants collect")


def _show_destroyed(partner: str, certificates: list[str], as_json: bool) -> None:
    if as_json:
        show_json({"certificates": certificates})
        return
    for name in certificates:
        say(f"Destroyed, and certified: {name}")
    say(f"Next: gateway receipts collect {partner}" if certificates else "Nothing here is to be destroyed yet.")
