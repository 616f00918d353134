"""Sign a month's assurance statement: plain text that a stranger checks with gpg and the council's certificate.

- The text is clear-signed with the key that signs packages, whose certificate recipients hold already. The page says
  the same and has a signature beside it.
- That it was signed is an entry in the ledger, with the hash of the text and the size of the log that was verified.
- A statement is signed whatever was found: evidence that is not whole is said in it, not left unsaid.
"""

from dataclasses import dataclass

from gateway.documents import sha256_hex
from gateway.documents.report import Report, report_page, report_text
from gateway.ledger.events import Event
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.sealing.signatures import clear_sign, sign_detached
from gateway.services.assurance.assurance_figures import AssuranceFigures, assurance_figures, month_named
from gateway.services.assurance.assurance_report import assurance_report
from gateway.services.registers.register_agreements import made_by
from gateway.services.workplace import Workplace


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement in both forms. `text` is clear-signed; `page_signature` is over exactly the page's bytes."""

    figures: AssuranceFigures
    text: bytes
    page: bytes
    page_signature: bytes
    certificate: str

    @property
    def files(self) -> dict[str, bytes]:
        """The files to hand out, by name."""
        name = f"assurance-{self.figures.month}"
        return {
            f"{name}.txt.asc": self.text,
            f"{name}.html": self.page,
            f"{name}.html.asc": self.page_signature,
            "council-certificate.asc": self.certificate.encode(),
        }


def sign_assurance(workplace: Workplace, month: str) -> SignedStatement:
    """Return the signed statement of a month written `2026-11`, verified now. Raises AccessDenied, QuestionInvalid."""
    workplace.actor.require(Action.ASSURE)
    days = month_named(month, workplace.clock.today())
    figures = assurance_figures(workplace, days)
    report = _report(workplace, figures)
    text, page = report_text(report).encode(), report_page(report).encode()
    key = workplace.keys.package_signing_key()
    signed = SignedStatement(figures, clear_sign(text, key), page, sign_detached(page, key), certificate_of(workplace))
    with workplace.store.writing(workplace.actor) as work:
        work.enter(
            Event.ASSURANCE_SIGNED,
            month=month,
            statement=sha256_hex(text),
            size=figures.verification.size,
            whole=figures.verification.whole,
        )
    return signed


def certificate_of(workplace: Workplace) -> str:
    """Return our OpenPGP certificate, armoured: what a stranger checks our signatures with."""
    return next(each.public for each in workplace.keys.facts() if each.purpose is KeyPurpose.PACKAGES)


def _report(workplace: Workplace, figures: AssuranceFigures) -> Report:
    return assurance_report(
        figures,
        controller=workplace.store.facts.controller,
        made=f"{made_by(workplace)} Asked for by {workplace.actor.name}.",
        signed_by=workplace.keys.package_fingerprint(),
    )
