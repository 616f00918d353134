"""Law L4: a SQLite database belongs to one machine, and another is refused until a person moves it."""

import multiprocessing
import secrets
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.errors import ExitCode, StoreElsewhere
from gateway.ledger.checkpoint import Ed25519Signer
from gateway.ledger.entries import Event
from gateway.machine import machine_called, this_machine
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.store.engine import Store
from gateway.store.host import host_of
from gateway.store.tables import ledger

OURS, THEIRS = machine_called("gateway-1", "a1"), machine_called("gateway-2", "a1")
CASE = "IG-2026-0142"


@pytest.fixture
def opened(sqlite_store, sqlite_url, clock, signer, request):
    """Open the database, or a copy of it, as a machine of some name."""

    def open_as(host, url=sqlite_url):
        store = Store.open(url, clock=clock, signer=signer, host=host)
        request.addfinalizer(store.close)
        return store

    return open_as


def write(store, actor) -> None:
    with store.writing(actor) as work:
        work.enter(Event.SERVICE_STOPPED)


def events(store) -> list[str]:
    with store.reading() as connection:
        return list(connection.execute(select(ledger.c.event).order_by(ledger.c.position)).scalars())


def test_L4_the_first_machine_that_writes_has_it_and_another_is_refused(opened, everyone):
    first, second = opened(OURS), opened(THEIRS)
    write(first, everyone)
    before = events(first)
    for step in (lambda: write(second, everyone), second.require_newest):
        with pytest.raises(StoreElsewhere) as refused:
            step()
        assert refused.value.exit_code is ExitCode.CONFIGURATION
        assert "gateway db move" in refused.value.advice()
    assert events(second) == before
    write(first, everyone)


def test_two_processes_of_one_machine_share_it(opened, everyone):
    service, command_line = opened(OURS), opened(OURS)
    for store in (service, command_line, service):
        write(store, everyone)


def test_L4_a_copy_that_another_machine_starts_is_refused_however_old_it_is(opened, everyone, sqlite_url, tmp_path):
    write(opened(OURS), everyone)
    database, copies = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "copied"
    copies.mkdir()
    for file in database.parent.glob(f"{database.name}*"):
        shutil.copy(file, copies)
    copied = opened(THEIRS, f"sqlite:///{copies / database.name}")
    with copied.working_state() as connection:
        connection.exec_driver_sql("UPDATE leases SET until = '2020-01-01T00:00:00Z'")
    with pytest.raises(StoreElsewhere):
        write(copied, everyone)


def test_a_person_moves_it_and_the_ledger_says_so(opened, everyone):
    first, second = opened(OURS), opened(THEIRS)
    write(first, everyone)
    assert second.move_here(everyone, CASE)
    assert not second.move_here(everyone, CASE)
    write(second, everyone)
    with pytest.raises(StoreElsewhere):
        write(first, everyone)
    with second.reading() as connection:
        assert host_of(connection) == THEIRS
    assert events(second)[-2] == Event.DATABASE_MOVED.value


@pytest.mark.postgres
def test_on_a_server_any_machine_writes(postgres_url, clock, signer, everyone):
    how = {"environment": "synthetic", "controller": "Invented County Council", "actor": everyone}
    first = Store.create(postgres_url, clock=clock, signer=signer, host=OURS, **how)
    second = Store.open(postgres_url, clock=clock, signer=signer, host=THEIRS)
    write(first, everyone)
    write(second, everyone)
    assert not second.move_here(everyone, CASE)
    with first.reading() as connection:
        assert host_of(connection) is None
    first.close()
    second.close()


def test_L4_of_processes_that_claim_to_be_two_machines_only_one_ever_writes(sqlite_url, clock):
    key = secrets.token_bytes(32)
    everybody = Actor("tester", "Invented Tester", frozenset(Role))
    how = {"environment": "synthetic", "controller": "Invented County Council", "actor": everybody}
    Store.create(sqlite_url, clock=clock, signer=signer_of(key), **how).close()
    context = multiprocessing.get_context("forkserver")
    hosts, answers = [OURS, THEIRS] * 2, context.Queue()
    processes = [
        context.Process(target=write_as, args=(sqlite_url, clock.instant, key, host, answers)) for host in hosts
    ]
    for process in processes:
        process.start()
    said = sorted(answers.get(timeout=60) for _ in hosts)
    for process in processes:
        process.join(60)
    written = {host for host, answer in said if answer == "written"}
    assert len(written) == 1
    assert said == sorted((host, "written" if host in written else "store-elsewhere") for host in hosts)


def signer_of(key: bytes) -> Ed25519Signer:
    return Ed25519Signer("county.example/supporting-families", Ed25519PrivateKey.from_private_bytes(key))


def write_as(url, instant, key: bytes, host: str, answers) -> None:
    """Write as a machine of some name, in a process of its own, and say what became of it."""
    store = Store.open(url, clock=FrozenClock(instant), signer=signer_of(key), host=host)
    try:
        write(store, Actor("tester", "Invented Tester", frozenset(Role)))
        answers.put((host, "written"))
    except StoreElsewhere as refusal:
        answers.put((host, refusal.code))
    finally:
        store.close()


def test_a_machine_is_called_the_same_each_time_and_another_differently():
    assert this_machine() == this_machine()
    assert machine_called("Gateway-1", "a1") == OURS
    assert len({OURS, THEIRS, machine_called("gateway-2", "a2")}) == 3
    assert len(OURS) == 64
