"""The index of an audit pack: which page answers which question, and how a stranger checks the whole.

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.documents.html_page import Markup, code, link, numbered, page, paragraph, section, table, words

MANIFEST, SIGNATURE = "MANIFEST.sha256", "MANIFEST.sha256.asc"
VERIFIER, PROOF_OF_LOG = "verify_evidence.py", "proofs/log.jsonl"
CERTIFICATE = "council-certificate.asc"

#: Each question that an auditor or the ICO asks, and the pages that answer it, in the order in which they are read.
QUESTIONS = (
    ("Which agreements are there, under which power, and how do they stand?", ("agreements.html",)),
    ("Who approved which version, and what exactly did they sign?", ("approvals.html",)),
    ("What changed from one version to the next?", ("changes",)),
    ("What is processed, on which basis, and for how long?", ("processing.html",)),
    ("What stands in the Digital Economy Act register?", ("digital-economy-act.html",)),
    ("Which impact assessments and policies apply?", ("policies.html",)),
    ("What was released, to whom, when, and what became of it?", ("uses.html",)),
    ("Which lists were made, and which never went?", ("runs.html",)),
    ("What failed, was held back or was stopped, and who did it?", ("failures.html",)),
    ("How many holds and decisions not to share were there, and why?", ("holds.html",)),
    ("Which complaints were there, and were they acknowledged and answered?", ("complaints.html",)),
    ("Who looked at the evidence, and under which case?", ("looks.html",)),
    ("What is kept until when, and what is overdue?", ("retention.html",)),
    ("What is published?", ("figures",)),
    ("Was the evidence altered?", ("verification.html",)),
    ("How were single disclosures decided and sent?", ("sample.html",)),
)


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What a pack says of itself."""

    controller: str
    origin: str
    period: str
    case_reference: str
    made: str
    signed_by: str
    #: The public key of the log, for the verifier.
    log_key: str


def index_page(facts: PackFacts, files: Mapping[str, bytes]) -> str:
    """Return the first page of a pack with these files."""
    rows = [(question, _links(names, files)) for question, names in QUESTIONS]
    others = [name for name in sorted(files) if "/" not in name and not name.endswith(".html")]
    return page(
        f"Audit pack, {facts.period}",
        section("Which page answers which question", table("Questions", ("question", "pages"), rows, unseen=True)),
        section("How to check this pack", *_how_to_check(facts, files)),
        section("Files for programs", paragraph(Markup(", ".join(link(name, name) for name in others)))),
        lead=f"{facts.controller}: disclosures of the Supporting Families gateway, case {facts.case_reference}.",
        foot=facts.made,
    )


def index_data(facts: PackFacts, files: Mapping[str, bytes]) -> dict[str, object]:
    """Return the same for programs."""
    return {
        "controller": facts.controller,
        "log": facts.origin,
        "period": facts.period,
        "case": facts.case_reference,
        "made": facts.made,
        "signed_by": facts.signed_by,
        "log_key": facts.log_key,
        "questions": [{"question": question, "pages": _pages(names, files)} for question, names in QUESTIONS],
    }


def _pages(names: tuple[str, ...], files: Mapping[str, bytes]) -> list[str]:
    """Return the pages that there are: `changes` and `figures` stand for as many as there are of them."""
    found: list[str] = []
    for name in names:
        if name == "changes":
            found += [each for each in sorted(files) if each.endswith("-changes.html")]
        elif name == "figures":
            found += [each for each in sorted(files) if each.startswith("figures-") and each.endswith(".html")]
        elif name in files:
            found.append(name)
    return found


def _links(names: tuple[str, ...], files: Mapping[str, bytes]) -> Markup | str:
    pages = _pages(names, files)
    if not pages:
        return _WITHOUT.get(names[0], "not in this pack")
    return Markup("<br>".join(link(name, name) for name in pages))


_WITHOUT = {"changes": "no agreement changed", "sample.html": "no sample was added"}


def _how_to_check(facts: PackFacts, files: Mapping[str, bytes]) -> list[Markup]:
    steps = [
        words(
            f"`gpg --import {CERTIFICATE}`, and compare the fingerprint with the council by telephone, on a number "
            "that does not come from this pack."
        ),
        words(f"`gpg --verify {SIGNATURE} {MANIFEST}`: the council signed the list of files."),
        words(f"`sha256sum -c {MANIFEST}`: every file is as it was when that was signed."),
        words(
            "Approvals: `ssh-keygen -Y verify -f agreements/approvers -I WHO -n agreement@gateway -s SIGNATURE < "
            "STATEMENT`, with the names of approvals.html."
        ),
        words(
            f"The log: `python3 {VERIFIER} {PROOF_OF_LOG} --key KEY --checkpoint EARLIER`, with a checkpoint that a "
            "recipient or an earlier pack has, shows that it only grew since. KEY is the log's: compare it too."
        ),
        words(f"Single disclosures of a sample: `python3 {VERIFIER} proofs/NAME.json --key KEY`."),
    ]
    if "agreements/approvers" not in files:
        del steps[3]
    keys = paragraph("The council's key is ", code(facts.signed_by), "; the log's is ", code(facts.log_key), ".")
    return [keys, numbered(steps)]
