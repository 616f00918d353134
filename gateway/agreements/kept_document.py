"""Read an agreement as it was kept with a list: as text, key by key, because the rules of agreements change.

A list of years ago was sent under its own words. They are shown as they stand; what a document of that time did not
say is None, and nothing is filled in from today.

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.documents import parse_tree, plain_of
from gateway.errors import AgreementMalformed
from gateway.model.agreement import Direction, PartyRole
from gateway.model.fields import Transform


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """The words of an agreement, as of the version that a list was made under.

    `fields` pairs each agreed field, in the agreed order, with how it was coarsened.
    """

    title: str | None
    recipient: str | None
    purpose_code: str | None
    purpose: str | None
    power: str | None
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    policy_document: str | None
    dpia: str | None
    their_copy_days: int | None
    our_copy_days: int | None
    certificate_within_days: int | None
    data_protection_officer: str | None
    contacts: tuple[str, ...]
    fields: tuple[tuple[str, Transform], ...]
    default_contact: str | None
    privacy_notice: str | None


def read_kept_document(data: bytes, name: str) -> KeptDocument:
    """Return the words of a document. Raises AgreementMalformed where the bytes are no document at all."""
    tree, faults = parse_tree(data, name)
    plain = plain_of(tree) if tree is not None and not faults else None
    if not isinstance(plain, dict):
        raise AgreementMalformed(f"the document kept of {name} cannot be read")
    basis, retention, purpose = (_table(plain, key) for key in ("lawful_basis", "retention", "purpose"))
    return KeptDocument(
        title=_text(plain, "title"),
        recipient=_first(plain, "parties", ("role", PartyRole.RECIPIENT), "name"),
        purpose_code=_text(purpose, "code"),
        purpose=_text(purpose, "text"),
        power=_first(plain, "legal_powers", ("direction", Direction.OUTBOUND), "citation"),
        article_6=_texts(basis, "article_6"),
        article_9=_texts(basis, "article_9"),
        article_10=_texts(basis, "article_10"),
        policy_document=_text(basis, "policy_document"),
        dpia=_text(_table(plain, "dpia"), "reference"),
        their_copy_days=_number(retention, "their_copy_days"),
        our_copy_days=_number(retention, "our_copy_days"),
        certificate_within_days=_number(retention, "certificate_within_days"),
        data_protection_officer=_text(_table(plain, "registers"), "data_protection_officer"),
        contacts=_texts(plain, "contacts"),
        fields=tuple((_text(rule, "name") or "", _transform(rule)) for rule in _tables(plain, "fields")),
        default_contact=_text(_table(plain, "teams"), "default_contact"),
        privacy_notice=_text(plain, "privacy_notice"),
    )


def _transform(rule: Mapping[str, object]) -> Transform:
    said = _text(rule, "transform")
    return Transform(said) if said in set(Transform) else Transform.AS_IS


def _table(plain: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = plain.get(name)
    return value if isinstance(value, dict) else {}


def _text(plain: Mapping[str, object], name: str) -> str | None:
    value = plain.get(name)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _texts(plain: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = plain.get(name)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _number(plain: Mapping[str, object], name: str) -> int | None:
    value = plain.get(name)
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _tables(plain: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    items = plain.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _first(plain: Mapping[str, object], name: str, wanted: tuple[str, str], asked: str) -> str | None:
    """Return what the first item of a list says, of those that have the wanted value."""
    return next((_text(item, asked) for item in _tables(plain, name) if item.get(wanted[0]) == wanted[1]), None)
