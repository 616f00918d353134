"""What a service needs to do its work; made by bootstrap.py, so that services name no concrete edge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from gateway.agreements.bank_holidays import Holidays
from gateway.delivery.interface import Transport
from gateway.ledger.checkpoint import Signer
from gateway.model.complaint import ComplaintTerms
from gateway.model.keys import IndexKey, KeyFacts, KeyPurpose
from gateway.model.officers import Actor
from gateway.model.partner import Partner
from gateway.model.time import Clock
from gateway.store.engine import Store


class Keys(Protocol):
    """The keys that services ask for; gateway/keyring.py holds them."""

    def package_signing_key(self) -> bytes:
        """Return our OpenPGP secret key, for signing packages, manifests and statements of ours."""
        ...

    def package_fingerprint(self) -> str:
        """Return the full fingerprint of our OpenPGP certificate, upper case."""
        ...

    def checkpoint_signer(self) -> Signer:
        """Return what signs the log's checkpoints."""
        ...

    def next_checkpoint_signer(self) -> Signer:
        """Return what signs the log's checkpoints next."""
        ...

    def index_key(self) -> IndexKey:
        """Return the key of the blind index."""
        ...

    def next_index_key(self) -> IndexKey:
        """Return the next key of the blind index."""
        ...

    def reference_key(self, agreement_id: str) -> bytes:
        """Return the key of an agreement's record references."""
        ...

    def tombstone_key(self) -> bytes:
        """Return the key by which a forgotten person is recognised."""
        ...

    def log_in_period(self) -> tuple[date, date] | None:
        """Return the days of our certificate for the log-in; None where there is none, or it never ends."""
        ...

    def seal_all(self) -> list[str]:
        """Bring every key file under the passphrase; return the names of those that were not."""
        ...

    def facts(self) -> list[KeyFacts]:
        """Return what may be told of each key that is there."""
        ...

    def prepare(self, purpose: KeyPurpose, *, owner: str, synthetic: bool) -> KeyFacts:
        """Make the next key of a purpose beside the one in use."""
        ...

    def prepared(self, purpose: KeyPurpose) -> KeyFacts | None:
        """Tell of the next key of a purpose; None where there is none."""
        ...

    def abandon(self, purpose: KeyPurpose) -> None:
        """Remove the next key of a purpose, which was never used."""
        ...

    def activate(self, purpose: KeyPurpose) -> KeyFacts:
        """Put the next key of a purpose in place."""
        ...


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the county's files are."""

    sources: Path
    mappings: Path
    frameworks: Path
    agreements: Path
    approvals: Path
    approvers: Path
    partners: Path
    jobcentres: Path
    state: Path
    linkage: Path = Path("config/linkage")


class Record(Protocol):
    """Writes one operational event; the names and keys are a closed list (gateway/logs.py)."""

    def __call__(self, event: str, **values: str | int | bool | None) -> None:
        """Write it."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciling:
    """How work-coach lists are answered: `folder` has a folder for each office.

    Uploaded rows are kept so many days; an office's lists are answered so many times a day, and so
    many by one TFEA; a list of which a smaller
    share than `low_share_percent` is somebody on a list raises an alert, from `low_share_from_rows` rows on.
    """

    folder: Path = Path("var/reconcile")
    rows_kept_days: int = 35
    lists_a_day: int = 6
    lists_a_day_by_one: int = 12
    low_share_percent: int = 5
    low_share_from_rows: int = 20


@dataclass(frozen=True, slots=True)
class Workplace:
    """Everything a service may use. `environment` is `synthetic` or `production`."""

    store: Store
    clock: Clock
    actor: Actor
    keys: Keys
    folders: Folders
    environment: str
    partners: Mapping[str, Partner]
    transport_to: Callable[[Partner], Transport]
    record: Record
    #: Gives that many random bytes.
    draw: Callable[[int], bytes]
    #: England's bank holidays.
    holidays: Holidays
    #: Days a snapshot is kept, and how many flags may reach nobody before every list waits for a person.
    snapshot_kept_days: int
    flags_reaching_nobody_allowed: int
    #: How many refused lines of a load may name nobody, before the load is refused: such a line may be about anyone.
    lines_about_nobody_allowed: int
    #: How many lines the first load of all may refuse: nothing earlier says what they held.
    lines_lost_at_first_allowed: int
    #: How many days a backup is kept: until then it holds whoever was forgotten since.
    backups_kept_days: int = 90
    #: How many years evidence of a disclosure is kept.
    evidence_kept_years: int = 7
    complaint_terms: ComplaintTerms = field(default_factory=ComplaintTerms)
    reconciling: Reconciling = Reconciling()
    #: How many lists are made at once where the database lets several be prepared.
    lists_at_once: int = 1
