"""Edge: the files that decide what a list holds, read from their folders.

- Files are asked for by what they are called, never by a path that somebody gives: a name is looked up among the
  names that the folder has.
- One file's fault stops what rests on it and nothing else; `faults` gives those of all files at once.

What a file means is in agreements/; that two of them fit together is checked there too.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from gateway.agreements.document import Surroundings, load_agreement
from gateway.agreements.frameworks import load_framework
from gateway.agreements.jobcentres import Jobcentres, load_jobcentres
from gateway.documents import Fault, canonical_json, parse_tree, plain_of, sha256_hex
from gateway.documents.tree import START
from gateway.errors import (
    AgreementMalformed,
    ConfigurationError,
    FrameworkInvalid,
    GatewayError,
    MappingInvalid,
    PartnerInvalid,
)
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.partner import Partner
from gateway.services.workplace import Folders, Workplace

T = TypeVar("T")
U = TypeVar("U")

#: More than any reader of documents takes, so that an oversize file is refused there and not read whole here.
_MOST_READ = 1024 * 1024
_SUFFIX = ".yaml"
_NOT_ITS_NAME = "`id` must be the name of the file without .yaml"


class Shelf:
    """The county's agreements, frameworks, mappings and register of Jobcentres, and the partners it has."""

    def __init__(self, folders: Folders, partners: Mapping[str, Partner]) -> None:
        self._folders = folders
        self._partners = partners

    @classmethod
    def of(cls, workplace: Workplace) -> "Shelf":
        """Return the shelf of a workplace."""
        return cls(workplace.folders, workplace.partners)

    def agreement_ids(self) -> tuple[str, ...]:
        """Return the name of every agreement there is a file for."""
        return tuple(_named(self._folders.agreements))

    def agreement(self, agreement_id: str) -> tuple[Agreement, bytes]:
        """Return an agreement, checked against what it refers to, and the bytes that it was read from.

        Raises AgreementMalformed with every fault, or when there is no file of that name.
        """
        path = _named(self._folders.agreements).get(agreement_id)
        if path is None:
            known = ", ".join(self.agreement_ids()) or "none"
            raise AgreementMalformed(
                f"there is no agreement of that name; there are: {known}", advice="`gateway agreements list`"
            )
        data = _read(path)
        agreement = load_agreement(data, path.name, self.surroundings())
        if agreement.agreement_id != agreement_id:
            raise AgreementMalformed(str(Fault(path.name, START, _NOT_ITS_NAME)))
        return agreement, data

    def framework(self, framework_id: str) -> Framework:
        """Return a framework. Raises FrameworkInvalid when it has a fault or there is none of that name."""
        path = _named(self._folders.frameworks).get(framework_id)
        if path is None:
            raise FrameworkInvalid("there is no framework of that name in the frameworks folder")
        framework = load_framework(_read(path), path.name)
        if framework.framework_id != framework_id:
            raise FrameworkInvalid(str(Fault(path.name, START, _NOT_ITS_NAME)))
        return framework

    def frameworks(self) -> Iterator[Framework]:
        """Yield the frameworks without a fault."""
        for framework_id in _named(self._folders.frameworks):
            framework, _ = _tried(self.framework, framework_id)
            if framework is not None:
                yield framework

    def jobcentres(self) -> Jobcentres:
        """Return the register of Jobcentres. Raises JobcentresInvalid when it has a fault."""
        return load_register(self._folders.jobcentres)

    def partner(self, name: str) -> Partner:
        """Return a partner's record. Raises PartnerInvalid when there is none of that name."""
        if name not in self._partners:
            raise PartnerInvalid("the agreement's recipient is not a partner that is configured")
        return self._partners[name]

    def mapping_hashes(self) -> dict[str, str]:
        """Return the hash of each source mapping's content. Raises MappingInvalid where one cannot be read."""
        return {name: _content_hash(path) for name, path in _named(self._folders.mappings).items()}

    def surroundings(self) -> Surroundings:
        """Return what an agreement may refer to; a framework with a fault is not there."""
        frameworks = {each.framework_id: each for each in self.frameworks()}
        return Surroundings(frameworks, frozenset(self._partners), self.jobcentres().office_ids)

    def faults(self) -> tuple[str, ...]:
        """Return every fault of every file, each with its file, line and column."""
        return tuple(self._faults())

    def _faults(self) -> Iterator[str]:
        for framework_id in _named(self._folders.frameworks):
            yield from _tried(self.framework, framework_id)[1]
        for path in _named(self._folders.mappings).values():
            yield from _tried(_content_hash, path)[1]
        _, wrong = _tried(load_register, self._folders.jobcentres)
        yield from wrong
        if not wrong:
            # Without the register an agreement's offices cannot be judged; its own faults wait for that.
            for agreement_id in self.agreement_ids():
                yield from _tried(self.agreement, agreement_id)[1]


def load_register(path: Path) -> Jobcentres:
    """Return the register of Jobcentres in a file. Raises JobcentresInvalid when it has a fault."""
    return load_jobcentres(_read(path), path.name)


def _tried(read: Callable[[T], U], of: T) -> tuple[U | None, tuple[str, ...]]:
    try:
        return read(of), ()
    except GatewayError as error:
        return None, tuple(str(error).splitlines())


def _named(folder: Path) -> dict[str, Path]:
    return {path.name.removesuffix(_SUFFIX): path for path in sorted(folder.glob(f"*{_SUFFIX}")) if path.is_file()}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_READ)
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from None


def _content_hash(path: Path) -> str:
    tree, faults = parse_tree(_read(path), path.name)
    if tree is None:
        raise MappingInvalid("\n".join(str(fault) for fault in faults))
    return sha256_hex(canonical_json(plain_of(tree)))
