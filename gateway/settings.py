"""Edge: the settings file and the environment, read once into frozen `Settings`.

`--config FILE`, else `GATEWAY_CONFIG`, else `config/gateway.toml`. Paths in the file are relative to the folder above
the one it stands in, so that a county's configuration can be moved whole; the state directory is `GATEWAY_STATE`, else
`[folders] state`. A fault names the file and the setting, never its value: a database address can hold a password.
"""

import os
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from gateway.errors import SettingsInvalid
from gateway.model.officers import Role

DEFAULT = Path("config/gateway.toml")
#: Before the name of a credential that systemd gives, in the place of a file.
_CREDENTIAL = "credential:"
#: Names the variable that holds the address of the tables' owner, for one command.
OWNER_ADDRESS = "GATEWAY_OWNER_DATABASE"
_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{1,79}$")]
_Words = Annotated[str, StringConstraints(min_length=1, max_length=120)]

_Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$")]
_Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}$")]
_Office = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class GatewaySection(_Strict):
    """Which county this is, and which kind of people are in its database."""

    controller: _Words
    environment: Literal["synthetic", "production"]
    #: The name under which the log signs its checkpoints.
    origin: _Slug
    #: A SQLAlchemy URL; `database_file` names a file that holds it where it has a password.
    database: str | None = None
    database_file: Path | None = None
    #: A private file with the address of the tables' owner on PostgreSQL, or `credential:NAME`; for few commands only.
    owner_database_file: Path | None = None

    @model_validator(mode="after")
    def _one_database(self) -> "GatewaySection":
        if (self.database is None) == (self.database_file is None):
            raise ValueError("exactly one of database and database_file is needed")
        return self


class FoldersSection(_Strict):
    """Where things are, relative to the folder that holds `config/`."""

    state: Path = Path("var")
    sources: Path = Path("var/sources")
    mappings: Path = Path("config/sources")
    frameworks: Path = Path("config/frameworks")
    agreements: Path = Path("agreements")
    approvals: Path = Path("agreements/approvals")
    approvers: Path = Path("config/approvers")
    partners: Path = Path("config/partners")
    jobcentres: Path = Path("config/jobcentres.yaml")
    holidays: Path = Path("config/bank_holidays.yaml")
    linkage: Path = Path("config/linkage")


class ActorSection(_Strict):
    """The person behind an account of the operating system."""

    name: _Words
    roles: frozenset[Role] = Field(min_length=1)
    #: The Jobcentres of a TFEA, as the register of Jobcentres calls them.
    offices: frozenset[_Office] = frozenset()


class LimitsSection(_Strict):
    """Bounds that belong to the county, not to one agreement."""

    snapshot_kept_days: int = Field(default=35, ge=1, le=400)
    #: Years for which it is kept who was told what: a claim may be brought for six.
    evidence_kept_years: int = Field(default=7, ge=1, le=100)
    #: More flags than this that match nobody withhold every list (law L3).
    flags_reaching_nobody_allowed: int = Field(default=0, ge=0)
    #: More refused lines than this that name nobody refuse a load: such a line may be about anyone (law L3).
    lines_about_nobody_allowed: int = Field(default=0, ge=0)
    #: More refused lines than this refuse a county's first load: nothing earlier says what they held (law L3).
    lines_lost_at_first_allowed: int = Field(default=0, ge=0)


class AlertsSection(_Strict):
    """The hook that carries alerts: a program and its fixed arguments; the alert is JSON on its standard input."""

    command: tuple[str, ...] = ()
    timeout_seconds: int = Field(default=20, ge=1, le=300)
    #: London wall-clock time of the message whose absence means trouble.
    morning_message_at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "07:00"


class MailSection(_Strict):
    """A mail server that carries alerts; without a host there is none."""

    host: _Host | None = None
    port: int = Field(default=587, ge=1, le=65535)
    #: `starttls` checks the server's certificate; `local` speaks in the clear to this machine, and to no other.
    security: Literal["starttls", "local"] = "starttls"
    sender: _Address | None = None
    recipients: tuple[_Address, ...] = ()
    #: Certificates of authorities to trust in the place of the system's.
    authorities_file: Path | None = None
    user: _Words | None = None
    password_file: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> "MailSection":
        if self.host and not (self.sender and self.recipients):
            raise ValueError("sender and recipients are needed")
        if self.host and self.security == "local" and self.host not in _HERE:
            raise ValueError("security may be local only where host is this machine")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file are needed both or neither")
        if self.user and self.security == "local":
            raise ValueError("a password is sent only where security is starttls")
        return self


class SyslogSection(_Strict):
    """A system log that is told of alerts by datagram; without a host there is none."""

    host: _Host | None = None
    port: int = Field(default=514, ge=1, le=65535)


class ForgettingSection(_Strict):
    """What outlives a person who was forgotten."""

    #: A folder on another machine for the log of the forgotten; without it, it lies in the state directory.
    log_folder: Path | None = None
    #: How long backups are kept: until then they hold whoever was forgotten since.
    backups_kept_days: int = Field(default=90, ge=0, le=3650)


class ComplaintsSection(_Strict):
    """When people are told of a complaint, and how long its notes are kept."""

    #: Days before the last day for an acknowledgement, which is the thirtieth after it came.
    warned_days_before: tuple[Annotated[int, Field(ge=1, le=29)], ...] = (14, 7, 2)
    #: An acknowledged complaint that is not closed is told of each time that so many days more have passed.
    reminded_every_days: int = Field(default=28, ge=1, le=60)
    #: Days after a complaint is closed until what was noted on it is removed.
    notes_kept_days: int = Field(default=90, ge=0, le=3650)


class LogSection(_Strict):
    """The operators' log, which holds codes, references and counts alone."""

    #: Months for which a line of it is kept at least; after that its file is removed whole.
    kept_months: int = Field(default=13, ge=6, le=24)


class ServiceSection(_Strict):
    """The nightly service."""

    #: London wall-clock time from which the night's extracts are loaded.
    load_at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "22:00"
    #: Lists that are made at once on PostgreSQL; else one for each processor, four at most. SQLite makes one at a time.
    lists_at_once: int | None = Field(default=None, ge=1, le=6)


class ReconciliationSection(_Strict):
    """Answering the work-coach lists of Jobcentres."""

    #: Has a folder for each office, which its TFEA and the service alone may open; else in the state directory.
    folder: Path | None = None
    #: Uploaded rows are deleted after so many days; counts, hashes and verdicts stay.
    rows_kept_days: int = Field(default=35, ge=1, le=400)
    #: More lists of one office on one day are refused: a list tried again and again is a look-up.
    lists_a_day: int = Field(default=6, ge=1, le=100)
    #: And more that one TFEA answers on one day, of all their offices together.
    lists_a_day_by_one: int = Field(default=12, ge=1, le=400)
    #: A smaller share of rows that are somebody on a list raises an alert, in percent; from so many rows on.
    low_share_percent: int = Field(default=5, ge=0, le=100)
    low_share_from_rows: int = Field(default=20, ge=1)


class KeysSection(_Strict):
    """Our private keys."""

    #: A private file with what the key files are under, or `credential:NAME` of systemd; none where they lie open.
    passphrase_file: Path | None = None


class Settings(_Strict):
    """Everything the settings file may say."""

    gateway: GatewaySection
    folders: FoldersSection = FoldersSection()
    actors: dict[str, ActorSection] = Field(min_length=1)
    limits: LimitsSection = LimitsSection()
    alerts: AlertsSection = AlertsSection()
    mail: MailSection = MailSection()
    syslog: SyslogSection = SyslogSection()
    keys: KeysSection = KeysSection()
    service: ServiceSection = ServiceSection()
    forgetting: ForgettingSection = ForgettingSection()
    reconciliation: ReconciliationSection = ReconciliationSection()
    complaints: ComplaintsSection = ComplaintsSection()
    log: LogSection = LogSection()
    #: Where the file stands; set by `read_settings`.
    base: Path = Path()

    def path(self, folder: Path) -> Path:
        """Return a folder of the file as a full path."""
        return folder if folder.is_absolute() else self.base / folder

    @property
    def state(self) -> Path:
        """The one directory that holds the database, keys and everything else that changes."""
        return Path(os.environ["GATEWAY_STATE"]) if os.environ.get("GATEWAY_STATE") else self.path(self.folders.state)

    @property
    def load_at(self) -> time:
        """London wall-clock time from which the night's extracts are loaded."""
        return time.fromisoformat(self.service.load_at)

    def database_url(self) -> str:
        """Return the database's address; a relative SQLite file lies in the state directory."""
        section = self.gateway
        text = section.database or self._read_secret(section.database_file or Path(), "database_file")
        prefix = "sqlite:///"
        if text.startswith(prefix) and not text.startswith("sqlite:////"):
            return f"{prefix}{self.state / text.removeprefix(prefix)}"
        return text

    def owner_database_url(self) -> str | None:
        """Return the address of the tables' owner: the environment's, else the file's; None where there is none."""
        file = self.gateway.owner_database_file
        if said := os.environ.get(OWNER_ADDRESS):
            return said
        return None if file is None else self._read_secret(file, "gateway.owner_database_file")

    def owner_known_here(self) -> str | None:
        """Return the owner's address if whoever runs this may read it; the service's account is not meant to."""
        try:
            return self.owner_database_url()
        except SettingsInvalid:
            return None

    def mail_password(self) -> str | None:
        """Return what logs in at the mail server, where it wants that."""
        file = self.mail.password_file
        return None if file is None else self._read_secret(file, "mail.password_file")

    def keys_passphrase(self) -> bytes | None:
        """Return what the key files are under, where the county has set it."""
        file = self.keys.passphrase_file
        return None if file is None else self._read_secret(file, "keys.passphrase_file").encode("utf-8")

    def _read_secret(self, file: Path, setting: str) -> str:
        name = str(file)
        if name.startswith(_CREDENTIAL):
            return _read_credential(name.removeprefix(_CREDENTIAL), setting)
        path = self.path(file)
        try:
            if os.name != "nt" and path.stat().st_mode & 0o077:
                raise SettingsInvalid(f"{file}: others can read this file", advice=f"chmod 600 {file}")
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsInvalid(f"{file}: cannot be read, though {setting} names it") from error


def _read_credential(name: str, setting: str) -> str:
    """Return what systemd gives the service under a name.

    The mode of the file is not looked at: systemd lets the account in by an access list, which shows as the group's
    right, and closes the folder to everybody else.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or "/" in name:
        raise SettingsInvalid(
            f"{setting}: there is no credential {name} here",
            advice="`systemd-run -p LoadCredentialEncrypted=...` gives it to a command: docs/how-to/keep-the-keys.md.",
        )
    try:
        return (Path(folder) / name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsInvalid(f"{setting}: the credential {name} cannot be read: {error.strerror}") from error


def settings_file(named: Path | None) -> Path:
    """Return the settings file in force: the one named, the environment's, or the default."""
    return named or Path(os.environ.get("GATEWAY_CONFIG") or DEFAULT)


def read_settings(named: Path | None = None) -> Settings:
    """Read and check the settings. Raises SettingsInvalid naming every setting at fault."""
    file = settings_file(named)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise SettingsInvalid(
            f"{file}: this account may not read it",
            advice="docs/how-to/several-people.md: how people work at one gateway, each in their own name.",
        ) from error
    except OSError as error:
        raise SettingsInvalid(
            f"{file}: there is no settings file here",
            advice="`gateway init` makes a new county's configuration; `gateway demo` shows an invented one.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{file}: not readable as TOML: {error}") from error
    try:
        return Settings.model_validate(content | {"base": file.resolve().parent.parent})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SettingsInvalid(f"{file}: {faults}") from error
