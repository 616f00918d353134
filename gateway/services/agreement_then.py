"""Read what an agreement said when a list was made: from the document that was kept with it, as text.

As text and not as an `Agreement`, because the rules of agreements change and what was disclosed does not: what an old
document does not say is left empty.
"""

from dataclasses import dataclass

from gateway.documents import parse_tree, plain_of
from gateway.errors import AgreementMalformed
from gateway.model.agreement import Direction, PartyRole
from gateway.model.fields import Transform
from gateway.store.agreements import KeptStatement

#: A document without its places.
Plain = dict[str, object]


@dataclass(frozen=True, slots=True)
class AgreementThen:
    """One version of an agreement. `fields` pairs each agreed field, in the agreed order, with its transform."""

    agreement_id: str
    version: int
    title: str
    recipient: str
    purpose: str
    power: str
    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    fields: tuple[tuple[str, Transform], ...]
    default_contact: str
    privacy_notice: str
    kept_days: str
    contacts: tuple[str, ...]


def agreement_then(kept: KeptStatement) -> AgreementThen:
    """Return what the document kept with a statement says. Raises AgreementMalformed where it cannot be read."""
    tree, faults = parse_tree(kept.agreement_document, kept.agreement_id)
    plain = plain_of(tree) if tree is not None and not faults else None
    if not isinstance(plain, dict):
        raise AgreementMalformed(f"the document kept of {kept.agreement_id} version {kept.version} cannot be read")
    basis = _table(plain, "lawful_basis")
    return AgreementThen(
        agreement_id=kept.agreement_id,
        version=kept.version,
        title=_text(plain, "title"),
        recipient=_first(plain, "parties", "role", PartyRole.RECIPIENT, "name"),
        purpose=_text(_table(plain, "purpose"), "text"),
        power=_first(plain, "legal_powers", "direction", Direction.OUTBOUND, "citation"),
        article_6=_texts(basis, "article_6"),
        article_9=_texts(basis, "article_9"),
        article_10=_texts(basis, "article_10"),
        fields=tuple((_text(rule, "name"), _transform(rule)) for rule in _tables(plain, "fields")),
        default_contact=_text(_table(plain, "teams"), "default_contact"),
        privacy_notice=_text(plain, "privacy_notice"),
        kept_days=_text(_table(plain, "retention"), "their_copy_days"),
        contacts=_texts(plain, "contacts"),
    )


def _transform(rule: Plain) -> Transform:
    said = _text(rule, "transform")
    return Transform(said) if said in set(Transform) else Transform.AS_IS


def _table(plain: Plain, name: str) -> Plain:
    value = plain.get(name)
    return value if isinstance(value, dict) else {}


def _tables(plain: Plain, name: str) -> list[Plain]:
    items = plain.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(plain: Plain, name: str) -> str:
    value = plain.get(name)
    return value.strip() if isinstance(value, str) else ""


def _texts(plain: Plain, name: str) -> tuple[str, ...]:
    value = plain.get(name)
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _first(plain: Plain, name: str, key: str, wanted: str, asked: str) -> str:
    """Return what the first item of a list says, of those that have the wanted value."""
    return next((_text(item, asked) for item in _tables(plain, name) if item.get(key) == wanted), "")
