"""A database from an older backup, and the checkpoints that several machines keep outside of it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from gateway.errors import CheckpointInvalid, LedgerBehindCheckpoint, NotSettleable, StoreElsewhere
from gateway.ledger.checkpoint import Ed25519Signer
from gateway.ledger.entries import Event
from gateway.ledger.verify import Fault, LogCheck
from gateway.machine import machine_called
from gateway.seams import Seam, set_hook
from gateway.store.audit import log_rows, note_rows
from gateway.store.engine import Store
from gateway.store.host import host_of
from gateway.store.log_keys import key_chain_of
from gateway.store.signing import LogSigner
from gateway.store.tables import ledger

CASE = "IG-2026-0142"


@dataclass
class Machines:
    """One database, reached from machines that each keep their own newest checkpoint."""

    folder: Path
    how: dict
    actor: object
    opened: list[Store] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "gateway.sqlite"

    def outside(self, machine: str) -> Path:
        return self.folder / f"{machine}.txt"

    def store(self, machine: str, **more) -> Store:
        opened = Store.open(f"sqlite:///{self.database}", outside=self.outside(machine), **self.how, **more)
        self.opened.append(opened)
        return opened

    def write(self, machine: str, times: int = 1) -> None:
        store = self.store(machine)
        for _ in range(times):
            with store.writing(self.actor) as work:
                work.enter(Event.SERVICE_STOPPED)
        store.close()

    def settle(self, machine: str, elsewhere: str | None = None, **more) -> int:
        """Settle as the service does, and return the size that was lost."""
        with self.store(machine, **more).settling(self.actor, elsewhere) as (work, held):
            said = {"had": work.size, "held": held.size, "root": held.root.hex(), "case": CASE}
            restored = work.enter(Event.DATABASE_RESTORED, last_at="2026-11-22T23:10:00Z", **said)
            while work.size <= held.size:
                work.enter(Event.ENTRY_LOST, restored=restored)
        return held.size

    def size(self) -> int:
        with self.store("a").reading() as connection:
            return len(connection.execute(select(ledger.c.position)).all())

    def back_up(self) -> None:
        self.close()
        shutil.copy(self.database, self.folder / "backup")

    def restore(self) -> None:
        self.close()
        shutil.copy(self.folder / "backup", self.database)

    def close(self) -> None:
        for store in self.opened:
            store.close()
        for beside in self.folder.glob("gateway.sqlite-*"):
            beside.unlink()


@pytest.fixture
def machines(tmp_path, clock, signer, everyone):
    """A database with one entry, of which a backup was made."""
    made = Machines(tmp_path, {"clock": clock, "signer": signer}, everyone)
    Store.create(
        f"sqlite:///{made.database}",
        environment="synthetic",
        controller="Invented County Council",
        actor=everyone,
        outside=made.outside("a"),
        **made.how,
    ).close()
    made.back_up()
    yield made
    made.close()


def test_what_another_machine_keeps_of_the_lost_entries_does_not_stop_it(machines):
    machines.write("b", 2)
    machines.write("a", 2)
    machines.restore()
    for machine in "ab":
        with pytest.raises(LedgerBehindCheckpoint):
            machines.write(machine)
    assert machines.settle("a") == 5
    machines.write("b")
    machines.write("a")
    assert machines.outside("b").read_text(encoding="utf-8").splitlines()[1] == "7"


def test_L7_entries_that_only_another_machine_knows_of_are_not_passed_over(machines):
    machines.write("a", 2)
    machines.write("b", 2)
    machines.restore()
    assert machines.settle("a") == 3
    with pytest.raises(LedgerBehindCheckpoint):
        machines.write("b")
    assert machines.settle("b") == 5
    assert [machines.write(machine) for machine in "ab"]


def test_L7_a_fork_that_nobody_recorded_is_not_settled_away(machines):
    machines.write("a", 2)
    machines.write("b", 2)
    machines.restore()
    machines.settle("a")
    machines.write("a", 3)
    with pytest.raises(NotSettleable, match="counts other ones") as refused:
        machines.settle("b")
    assert "restore-a-backup.md" in refused.value.advice()


def test_a_checkpoint_from_elsewhere_counts_where_it_is_newer(machines):
    machines.write("a", 2)
    machines.write("b", 2)
    machines.restore()
    assert machines.settle("a", machines.outside("b").read_text(encoding="utf-8")) == 5
    machines.write("b")
    with pytest.raises(NotSettleable, match="no older"):
        machines.settle("a", machines.outside("b").read_text(encoding="utf-8"))


def test_what_the_log_did_not_sign_is_no_checkpoint_from_elsewhere(machines):
    machines.write("a")
    note = machines.outside("a").read_text(encoding="utf-8").replace("\n2\n", "\n9\n", 1)
    with pytest.raises(CheckpointInvalid):
        machines.settle("a", note)


def test_threads_that_commit_at_once_leave_the_newest_checkpoint_outside(machines):
    store = machines.store("a")

    def write() -> None:
        with store.writing(machines.actor) as work:
            work.enter(Event.SERVICE_STOPPED)

    with ThreadPoolExecutor(6) as threads:
        for ended in [threads.submit(write) for _ in range(24)]:
            ended.result()
    assert machines.outside("a").read_text(encoding="utf-8").splitlines()[1] == "25"


def test_a_settling_that_would_use_a_size_again_is_a_bug_and_leaves_nothing(machines):
    machines.write("a", 3)
    machines.restore()
    store = machines.store("a")
    with pytest.raises(RuntimeError, match="second time"), store.settling(machines.actor) as (work, _):
        work.enter(Event.SERVICE_STOPPED)
    assert machines.size() == 1


def test_where_the_process_ends_before_the_checkpoint_is_kept_outside_the_log_goes_on(machines):
    machines.write("a", 3)
    machines.restore()
    before = machines.outside("a").read_text(encoding="utf-8")

    class EndError(BaseException):
        pass

    def end_at(name: Seam) -> None:
        if name is Seam.COMMITTED:
            raise EndError

    set_hook(end_at)
    try:
        with pytest.raises(EndError):
            machines.settle("a")
    finally:
        set_hook(None)
    assert machines.outside("a").read_text(encoding="utf-8") == before
    machines.write("a")
    assert machines.outside("a").read_text(encoding="utf-8") != before


def test_a_backup_from_before_the_logs_key_was_changed_is_settled_with_the_old_key(machines, signer):
    following = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    machines.how["others"] = lambda: (signer, following)
    with machines.store("a").writing(machines.actor) as work:
        work.hand_over(following, fingerprint="a" * 40, before="b" * 40)
    machines.write("a")
    lost = machines.outside("a").read_text(encoding="utf-8")
    machines.restore()
    with pytest.raises(LedgerBehindCheckpoint):
        machines.write("a")
    assert machines.settle("a") == 3
    machines.write("a")
    assert lost != machines.outside("a").read_text(encoding="utf-8")


def test_a_restored_database_is_this_machines_from_then_on(machines):
    there, here = machine_called("gateway-1", "a1"), machine_called("gateway-2", "b2")
    store = machines.store("a", host=there)
    with store.writing(machines.actor) as work:
        work.enter(Event.SERVICE_STOPPED)
    machines.back_up()
    machines.write("a")
    machines.restore()
    machines.settle("a", host=here)
    with machines.store("a", host=here).reading() as connection:
        assert host_of(connection) == here
    with pytest.raises(StoreElsewhere):
        machines.store("a", host=there).require_newest()


def test_L7_a_log_that_was_settled_is_whole_and_its_loss_cannot_be_made_smaller(machines):
    machines.write("a", 3)
    lost = machines.outside("a").read_text(encoding="utf-8")
    machines.restore()
    machines.settle("a")
    with machines.store("a").reading() as connection:
        keys = key_chain_of(connection)
        rows, notes = list(log_rows(connection)), list(note_rows(connection))
    checked = LogCheck(keys, [keys.open(lost)])
    assert list(checked.findings(rows, notes, lambda _: None)) == []
    assert [each.size for each in checked.lost] == [4]
    # Cut back to before the settling, as whoever restores it once more in silence would.
    cut = LogCheck(keys, [keys.open(lost)])
    assert [each.fault for each in cut.findings(rows[:1], notes[:1], lambda _: None)] == [Fault.TRUNCATED]


def test_what_another_process_enters_while_it_is_asked_is_no_sign_of_an_older_database(machines, monkeypatch):
    machines.write("a")
    store, ordinary = machines.store("a", host=machine_called("gateway-1", "a1")), LogSigner.take_in_force

    def and_another_writes(signer, connection):
        taken = ordinary(signer, connection)
        monkeypatch.undo()
        machines.write("a")
        return taken

    monkeypatch.setattr(LogSigner, "take_in_force", and_another_writes)
    store.require_newest()
    store.require_newest()
