"""Tell what an agreement said when a list was made, for people: what an old document does not say is left empty.

How the document is read, and why as text, is agreements/kept_document.py's.
"""

from dataclasses import dataclass

from gateway.agreements.kept_document import read_kept_document
from gateway.model.fields import Transform
from gateway.store.agreements import KeptStatement


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
    words = read_kept_document(kept.agreement_document, f"{kept.agreement_id} version {kept.version}")
    return AgreementThen(
        agreement_id=kept.agreement_id,
        version=kept.version,
        title=words.title or "",
        recipient=words.recipient or "",
        purpose=words.purpose or "",
        power=words.power or "",
        article_6=words.article_6,
        article_9=words.article_9,
        article_10=words.article_10,
        fields=words.fields,
        default_contact=words.default_contact or "",
        privacy_notice=words.privacy_notice or "",
        kept_days="" if words.their_copy_days is None else str(words.their_copy_days),
        contacts=words.contacts,
    )
