"""Copies of a county's database, made and put back as an operator does, on either kind of database."""

import shutil
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url

from tests.rehearsed_county import RehearsedCounty


class Backup:
    """What a county's database held when this was made; nothing else of the county is in it."""

    def __init__(self, county: RehearsedCounty, name: str = "backup") -> None:
        self._url = make_url(county.on_server or county.settings.database_url())
        self._copy = self._url.database + f"_{name}" if self._on_server else str(county.folder / f"{name}.db")
        self._take()

    @property
    def _on_server(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    def _take(self) -> None:
        if self._on_server:
            self._ask(f"CREATE DATABASE {self._copy} TEMPLATE {self._url.database}")
        else:
            shutil.copy(str(self._url.database), self._copy)

    def put_back(self) -> None:
        """Put it in the database's place, as one does when the service is stopped."""
        if self._on_server:
            self._ask(f"DROP DATABASE {self._url.database} WITH (FORCE)")
            self._ask(f"CREATE DATABASE {self._url.database} TEMPLATE {self._copy}")
            return
        database = Path(str(self._url.database))
        for beside in database.parent.glob(f"{database.name}-*"):
            beside.unlink()
        shutil.copy(self._copy, database)

    def throw_away(self) -> None:
        """Leave no second database on the server."""
        if self._on_server:
            self._ask(f"DROP DATABASE {self._copy} WITH (FORCE)")

    def _ask(self, statement: str) -> None:
        server: URL = self._url.set(drivername="postgresql+psycopg", database="postgres")
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            _say(connection, statement)
        engine.dispose()


def _say(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))
