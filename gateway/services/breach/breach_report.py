"""Write what is known of a breach as a draft of the facts for a notification (UK GDPR Article 33(3)), in plain English.

What the gateway knows stands as it is; what a person has to judge or to add is left as a line that says so. Nothing
here decides whether anybody has to be told.

Pure.
"""

from collections.abc import Iterator
from datetime import datetime

from gateway.documents.register import words_of
from gateway.documents.report import Cell, Grid, Part, Report
from gateway.model.fields import Sensitivity
from gateway.model.time import LONDON, as_text
from gateway.services.breach.audit_breach import BreachClock, BreachFacts, FileInQuestion

_SENSITIVITY = {
    Sensitivity.ORDINARY: "personal data",
    Sensitivity.SPECIAL: "special category (Article 9)",
    Sensitivity.OFFENCE: "about offences (Article 10)",
}
#: What somebody who holds a list could do more with than with a name.
_FINDS_PEOPLE = ("postcode", "nino", "date_of_birth", "jcp_office")
#: How many lists a draft tells the transfer of: nobody reads more.
_MOST_WHOLE = 20
_TO_BE_WRITTEN = "To be written by the officer:"


def breach_report(facts: BreachFacts, made: str) -> Report:
    """Return the draft."""
    people = facts.people
    return Report(
        title=f"Facts for a notification, case {facts.case_reference}",
        lead=f"{people.people:,} people on {len(facts.files):,} lists{_and_answers(facts)} that may have reached "
        f"somebody, of whom {people.children:,} were under 18. Found as: {'; '.join(facts.found_by)}.",
        made=made,
        notice="Draft of facts. Whether to notify, and what is likely to follow for anybody, people decide.",
        parts=(
            _clock(facts.clock),
            Part("What happened", items=(f"{_TO_BE_WRITTEN} what went wrong, when, how it was noticed, and by whom.",)),
            _nature(facts),
            _agreements(facts),
            _consequences(facts),
            _measures(facts),
            _files("The lists", facts.files),
            _files("Sealed and never sent", facts.not_sent),
            _answered(facts),
            _handed_over(facts),
            _opening(facts),
        ),
    )


def _clock(clock: BreachClock | None) -> Part:
    heading = "The 72 hours (Article 33(1))"
    if clock is None:
        return Part(heading, ("When the council noticed was not said: ask again with `--noticed-at`.",))
    left = f"over since {clock.hours} hours" if clock.is_over else f"{clock.hours} hours left"
    late = ("A notification that comes later gives the reasons for the delay.",) if clock.is_over else ()
    return Part(
        heading, late, (("Noticed", _london(clock.noticed_at)), ("To notify by", _london(clock.ends_at)), ("Now", left))
    )


def _purged(rows: int) -> Iterator[tuple[str, Cell]]:
    if rows:
        yield "Of those, on lists whose evidence was purged: people not counted above", rows


def _nature(facts: BreachFacts) -> Part:
    people = facts.people
    counts: tuple[tuple[str, Cell], ...] = (
        ("People", people.people),
        ("Adults on the day of the list", people.adults),
        ("Under 18 on the day of the list", people.children),
        ("Age not known any more", people.age_not_known),
        ("Records (lines on lists)", facts.rows),
        *_purged(facts.rows_purged),
        ("Lists", len(facts.files)),
        ("Answers to work-coach lists", len(facts.answered)),
    )
    grid = Grid(
        "What was told of each person",
        ("field", "what it says", "sensitivity"),
        tuple((field.name, field.meaning, _SENSITIVITY[field.sensitivity]) for field in facts.fields),
    )
    return Part(
        "Nature of the breach (Article 33(3)(a))",
        (
            "The people belong to families in a programme for families with several needs.",
            "Where lead professionals are named, it is their data too; they are not counted.",
        ),
        counts,
        grids=(grid,),
    )


def _agreements(facts: BreachFacts) -> Part:
    grids = tuple(
        Grid(
            each.agreement,
            ("what", "as it was then"),
            (
                ("Title", each.words.title),
                ("Recipient", each.words.recipient),
                ("Purpose", each.words.purpose),
                ("Legal power", each.words.power),
                ("Conditions", words_of((*each.words.article_6, *each.words.article_9, *each.words.article_10))),
                ("Policy document", each.words.policy_document),
                ("Impact assessment", each.words.dpia),
                ("Data protection officer (Article 33(3)(b))", each.words.data_protection_officer),
                ("Contacts", words_of(each.words.contacts)),
            ),
        )
        for each in facts.agreements
    )
    return Part("Agreements and contact point (Article 33(3)(b))", grids=grids)


def _consequences(facts: BreachFacts) -> Part:
    people = facts.people
    finding = [field.meaning for field in facts.fields if field.name in _FINDS_PEOPLE]
    named = [f"The lists help to find somebody: they have {', '.join(finding)}."] if finding else []
    special = any(each.words.article_9 or each.words.article_10 for each in facts.agreements)
    if special:
        named.append(
            "Being on such a list says that a family has needs: the agreement relies on Article 9 or 10 for that."
        )
    if people.protection_not_known:
        named.append(f"Of {people.protection_not_known:,} people nobody can tell: they are not in the newest extract.")
    return Part(
        "Likely consequences (Article 33(3)(c))",
        (
            f"{people.protected:,} of these people have a protective flag or a hold today.",
            *named,
        ),
        items=(f"{_TO_BE_WRITTEN} what may follow for these people, and for whom the risk is high (Article 34).",),
    )


def _measures(facts: BreachFacts) -> Part:
    return Part(
        "Measures (Article 33(3)(d))",
        (
            "Each list was encrypted to the recipient's key alone and signed by the council before it left.",
            "The council cannot open it. Which keys can stands at the end.",
        ),
        items=(
            "`gateway disclose stop` stops every list; `gateway partners disable` those to one recipient.",
            "`gateway subjects hold` keeps a person off every list from now on.",
            "`gateway disclose recall` takes back a list that the desk has not taken.",
            f"{_TO_BE_WRITTEN} what was done and what is proposed, also to lessen what may follow.",
        ),
        facts=(("Lists by state", _by_state(facts.files)),),
    )


def _by_state(files: tuple[FileInQuestion, ...]) -> str:
    states = sorted({file.state for file in files})
    return ", ".join(f"{state}: {sum(file.state == state for file in files)}" for state in states)


def _files(heading: str, files: tuple[FileInQuestion, ...]) -> Part:
    short = Grid(
        heading,
        ("list", "agreement", "recipient", "people", "state", "receipt"),
        tuple(
            (file.reference, file.agreement, file.recipient, file.people, file.state, file.receipt or "none")
            for file in files
        ),
    )
    if len(files) > _MOST_WHOLE:
        return Part(
            heading,
            (f"How each of {len(files):,} lists was sent stands in the JSON answer (`--json`).",),
            grids=(short,),
        )
    return Part(heading, grids=(short, *(_whole(file) for file in files)))


def _and_answers(facts: BreachFacts) -> str:
    number = len(facts.answered)
    return f" and in {number:,} answer{'' if number == 1 else 's'} to work-coach lists" if number else ""


def _answered(facts: BreachFacts) -> Part:
    heading = "Answers to work-coach lists"
    grid = Grid(
        heading,
        ("answer", "at", "office", "agreement", "recipient", "answered by", "people", "SHA-256 of the worksheet"),
        tuple(
            (
                a.reference,
                a.answered_at,
                a.office,
                a.agreement,
                a.recipient,
                a.answered_by,
                a.people,
                a.worksheet_sha256,
            )
            for a in facts.answered
        ),
    )
    said = ("Whoever answered a list had its worksheet as a file that is not encrypted.",)
    return Part(heading, said if facts.answered else (), grids=(grid,))


def _handed_over(facts: BreachFacts) -> Part:
    heading = "Handed over another way"
    grid = Grid(
        heading,
        ("record", "day", "agreement", "recipient", "manner", "people"),
        tuple((h.reference, str(h.day), h.agreement_id, h.recipient, h.manner, h.people) for h in facts.handed_over),
    )
    said = ("Two people attested these; nothing of them is proven, and their people are not in the counts above.",)
    return Part(heading, said if facts.handed_over else (), grids=(grid,))


def _whole(file: FileInQuestion) -> Grid:
    return Grid(f"Transfer and encryption of {file.reference}", ("what", "value"), tuple(_transfer(file)))


def _transfer(file: FileInQuestion) -> Iterator[tuple[str, Cell]]:
    yield "Package", file.package
    yield "SHA-256", file.sha256
    yield "Bytes", None if file.size_bytes is None else f"{file.size_bytes:,}"
    yield "Encrypted to", file.encrypted_to
    yield "Signed by", file.signed_by
    yield "Sealed", _instant(file.sealed_at)
    yield "Verified at the recipient", _instant(file.settled_at)
    yield "Verified by", file.verified_by
    for n, tried in enumerate(file.tries, 1):
        yield f"Try {n}", tried


def _opening(facts: BreachFacts) -> Part:
    grid = Grid(
        "Keys that open these lists",
        ("recipient", "key that opens them", "certificate", "register of keys"),
        tuple(
            (each.recipient, each.key, each.certificate or "not configured any more", each.registered)
            for each in facts.who_could_open
        ),
    )
    return Part(
        "Who could open them", ("Whoever holds the private half of a key below, and nobody else.",), grids=(grid,)
    )


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else as_text(instant)


def _london(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%A %d %B %Y, %H:%M} (London)"
