"""Composition root: the only module that names concrete edges and puts them together.

`open_workplace` gives the services what they need under the settings in force and in the name of the account that runs
the process. An account that the settings do not map is refused.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import logs
from gateway.agreements.bank_holidays import load_bank_holidays
from gateway.clock import SystemClock
from gateway.delivery.interface import Transport
from gateway.errors import AccessDenied, EnvironmentMismatch, RolesNotSeparate
from gateway.keyring import Keyring
from gateway.machine import processors, this_machine
from gateway.model.complaint import ComplaintTerms
from gateway.model.officers import Action, Actor
from gateway.model.partner import Partner
from gateway.model.time import Clock
from gateway.services.keys.finish_changes import finish_changes
from gateway.services.partners.partner_records import load_partners
from gateway.services.partners.pins_in_use import watched
from gateway.services.workplace import Folders, Reconciling, Workplace
from gateway.settings import Settings
from gateway.spared import spared
from gateway.store.engine import Store
from gateway.store.forget_log import ForgetLog
from gateway.store.roles import enter_rights, role_of, statements_for

#: Where the settings do not say how many lists are made at once.
_MOST_LISTS_BY_ITSELF = 4


def account_name() -> str:
    """Return the operating system's own name for who runs this, not what the environment claims."""
    if os.name == "nt":
        return os.getlogin()
    import pwd  # noqa: PLC0415 - not on Windows

    return pwd.getpwuid(os.getuid()).pw_name


def actor_of(settings: Settings, account: str) -> Actor:
    """Return the person behind an account. Raises AccessDenied where the settings do not know it."""
    known = settings.actors.get(account)
    if known is None:
        raise AccessDenied(
            f"the account {account} is not mapped to a person",
            advice=f"An operator adds [actors.{account}] with name and roles to the settings file.",
        )
    return Actor(account, known.name, known.roles, known.offices)


def keyring_of(settings: Settings) -> Keyring:
    """Return the county's keys."""
    return Keyring(settings.state / "keys", origin=settings.gateway.origin, passphrase=settings.keys_passphrase())


def newest_checkpoint_of(settings: Settings) -> Path:
    """Return the file that keeps the newest checkpoint outside the database."""
    return settings.state / "checkpoints" / "newest.txt"


def forget_log_of(settings: Settings) -> ForgetLog:
    """Return the log of the forgotten."""
    folder = settings.forgetting.log_folder
    if folder is None:
        return ForgetLog(settings.state / "forgotten")
    return ForgetLog(settings.path(folder), elsewhere=True)


def folders_of(settings: Settings) -> Folders:
    """Return where the county's files are."""
    named = settings.folders
    return Folders(
        sources=settings.path(named.sources),
        mappings=settings.path(named.mappings),
        frameworks=settings.path(named.frameworks),
        agreements=settings.path(named.agreements),
        approvals=settings.path(named.approvals),
        approvers=settings.path(named.approvers),
        partners=settings.path(named.partners),
        jobcentres=settings.path(named.jobcentres),
        state=settings.state,
        linkage=settings.path(named.linkage),
    )


@contextmanager
def workplace_of(settings: Settings, *, clock: Clock | None = None) -> Iterator[Workplace]:
    """Open the database and give the services what they need, in the name of the account that runs this.

    Raises AccessDenied for an unmapped account, KeyUnavailable, StoreOutOfDate, EnvironmentMismatch.
    """
    actor = actor_of(settings, account_name())
    clock = clock or SystemClock()
    ring = keyring_of(settings)
    with _store_at(settings, settings.database_url(), clock) as store:
        _require_environment(settings, store, ring)
        finish_changes(store, ring)
        yield _workplace(settings, actor, clock, ring, store)


def install(settings: Settings, *, clock: Clock | None = None) -> None:
    """Make the county's keys and database. Raises KeyUnavailable or StoreError where there are some already."""
    actor = actor_of(settings, account_name())
    actor.require(Action.INSTALL)
    section = settings.gateway
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = Keyring.generate(
        settings.state / "keys",
        origin=section.origin,
        owner=section.controller,
        synthetic=section.environment == "synthetic",
        passphrase=settings.keys_passphrase(),
    )
    address, runtime = as_owner(settings)
    Store.create(
        address,
        clock=clock or SystemClock(),
        signer=ring.checkpoint_signer(),
        environment=section.environment,
        controller=section.controller,
        actor=actor,
        outside=newest_checkpoint_of(settings),
        host=this_machine(),
        runtime=runtime,
    ).close()


def upgrade_database(settings: Settings, *, clock: Clock | None = None) -> tuple[str, str]:
    """Bring the database's tables to this version, and enter it; return the versions before and now.

    Raises AccessDenied, StoreOutOfDate, EnvironmentMismatch.
    """
    actor = actor_of(settings, account_name())
    actor.require(Action.INSTALL)
    address, runtime = as_owner(settings)
    return Store.upgrade(
        address,
        clock=clock or SystemClock(),
        signer=keyring_of(settings).checkpoint_signer(),
        environment=settings.gateway.environment,
        actor=actor,
        outside=newest_checkpoint_of(settings),
        host=this_machine(),
        runtime=runtime,
    )


def rights_statements(settings: Settings) -> list[str]:
    """Return the statements that give the runtime role its rights; nothing is changed. Raises RolesNotSeparate."""
    actor_of(settings, account_name()).require(Action.INSTALL)
    address, runtime = as_owner(settings)
    with _store_at(settings, address) as store, store.reading() as connection:
        return statements_for(connection, runtime or role_of(settings.database_url()))


def give_rights(settings: Settings, *, clock: Clock | None = None) -> list[str]:
    """Give the runtime role its rights, as the owner of the tables, and enter it; return the statements.

    Raises AccessDenied, RolesNotSeparate where the settings do not know the owner.
    """
    actor = actor_of(settings, account_name())
    actor.require(Action.INSTALL)
    address, runtime = as_owner(settings)
    if runtime is None:
        raise RolesNotSeparate("no address of the tables' owner is set")
    with _store_at(settings, address, clock) as store, store.writing(actor) as work:
        return enter_rights(work, runtime)


def as_owner(settings: Settings) -> tuple[str, str | None]:
    """Return the address by which tables are made, and the role that works with them where that is another one.

    Raises RolesNotSeparate where an owner is set and is no other role of a PostgreSQL server.
    """
    address, owners = settings.database_url(), settings.owner_database_url()
    if owners is None:
        return address, None
    runtime = role_of(address)
    if role_of(owners) == runtime:
        raise RolesNotSeparate("the address of the tables' owner names the role that the gateway works under")
    return owners, runtime


@contextmanager
def _store_at(settings: Settings, address: str, clock: Clock | None = None) -> Iterator[Store]:
    ring = keyring_of(settings)
    store = Store.open(
        address,
        clock=clock or SystemClock(),
        signer=ring.checkpoint_signer(),
        others=ring.checkpoint_signers,
        outside=newest_checkpoint_of(settings),
        host=this_machine(),
        forgotten=forget_log_of(settings),
        owner=settings.owner_known_here,
    )
    try:
        yield store
    finally:
        store.close()


def _workplace(settings: Settings, actor: Actor, clock: Clock, ring: Keyring, store: Store) -> Workplace:
    folders = folders_of(settings)
    holidays_file = settings.path(settings.folders.holidays)

    def by_sftp(partner: Partner) -> Transport:
        # Only what reaches a partner needs SSH, and it takes long to load: more so with what runs the programs that
        # a user's own SSH configuration may name, which we never read.
        with spared("invoke"):
            from gateway.delivery.sftp import SftpTransport  # noqa: PLC0415 - see above

        return SftpTransport(partner, ring.ssh_key_path, passphrase=ring.ssh_passphrase)

    def transport_to(partner: Partner) -> Transport:
        if not partner.outbox:
            return watched(store, actor, partner, by_sftp)
        from gateway.delivery.outbox import OutboxTransport  # noqa: PLC0415 - as above

        return OutboxTransport(partner)

    return Workplace(
        store=store,
        clock=clock,
        actor=actor,
        keys=ring,
        folders=folders,
        environment=settings.gateway.environment,
        partners=load_partners(folders.partners),
        transport_to=transport_to,
        record=logs.record,
        draw=secrets.token_bytes,
        holidays=load_bank_holidays(holidays_file.read_bytes(), holidays_file.name),
        snapshot_kept_days=settings.limits.snapshot_kept_days,
        flags_reaching_nobody_allowed=settings.limits.flags_reaching_nobody_allowed,
        lines_about_nobody_allowed=settings.limits.lines_about_nobody_allowed,
        lines_lost_at_first_allowed=settings.limits.lines_lost_at_first_allowed,
        backups_kept_days=settings.forgetting.backups_kept_days,
        evidence_kept_years=settings.limits.evidence_kept_years,
        complaint_terms=_complaint_terms(settings),
        reconciling=_reconciling(settings),
        lists_at_once=settings.service.lists_at_once or min(processors(), _MOST_LISTS_BY_ITSELF),
    )


def _reconciling(settings: Settings) -> Reconciling:
    agreed = settings.reconciliation
    return Reconciling(
        folder=settings.path(agreed.folder) if agreed.folder else settings.state / "reconcile",
        rows_kept_days=agreed.rows_kept_days,
        lists_a_day=agreed.lists_a_day,
        lists_a_day_by_one=agreed.lists_a_day_by_one,
        low_share_percent=agreed.low_share_percent,
        low_share_from_rows=agreed.low_share_from_rows,
    )


def _complaint_terms(settings: Settings) -> ComplaintTerms:
    agreed = settings.complaints
    return ComplaintTerms(agreed.warned_days_before, agreed.reminded_every_days, agreed.notes_kept_days)


def _require_environment(settings: Settings, store: Store, ring: Keyring) -> None:
    burnt_in, said = store.facts.environment, settings.gateway.environment
    if burnt_in != said:
        raise EnvironmentMismatch(f"the database is {burnt_in} for ever, and the settings say {said}")
    ring.require_environment(said)
