"""What a person is given who asks what was told about them: one report, and the sentences that everybody gets.

- It holds disclosures and nothing else. Every other sentence is the same for everybody, so that nothing in it tells
  that somebody was left out (law L11).
- It is for people who never read such a thing before: plain English, and laws by their full names.

Pure: what was disclosed comes in as text; services/audit/export_content.py gathers it. How it looks is left to
subject_page.py and subject_data.py.
"""

from dataclasses import dataclass
from datetime import date

TITLE = "What we shared about you"

NOTHING = "Our records hold no sharing of information about you by this system."
SCOPE = (
    (
        "This report is about one system: the one that sends lists for the Supporting Families programme to other "
        "organisations. It holds every list that named you and was sent, or may have been sent, by the day to which "
        "the report goes. What else we hold about you is not in it, nor what other organisations hold."
    ),
    "The law lets us leave some things out of an answer like this one, such as what is about somebody else.",
)
LOST = "A fault cost us our records of who was on these lists. You may have been: {lists}."
RIGHTS = (
    "Ask for a copy of the information that we hold about you, and how we use it.",
    "Ask us to put right what is wrong, and to tell those with whom we shared it.",
    "Ask us to delete information, or to stop using it while you and we disagree about it.",
    "Object to our sharing information about you. We then stop, unless our reasons in law outweigh yours.",
)
COMPLAIN = (
    (
        "Tell us first: write to the Data Protection Officer of {controller} and give the reference of your request. "
        "We must tell you within 30 days that we have your complaint, and answer it without undue delay."
    ),
    (
        "You may complain to the Information Commissioner at any time: ico.org.uk/make-a-complaint, telephone "
        "0303 123 1113, or Information Commissioner's Office, Wycliffe House, Water Lane, Wilmslow, Cheshire SK9 5AF."
    ),
    "You may also ask a court to enforce your rights.",
)


@dataclass(frozen=True, slots=True)
class Shared:
    """One list that named the person: the day it went, what it is called, its office if it has one, and how it went."""

    day: date
    list_reference: str
    office: str
    how_it_went: str


@dataclass(frozen=True, slots=True)
class Said:
    """What some lists said about the person, word for word."""

    values: tuple[tuple[str, str], ...]
    lists: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Everything that was shared in one way: under one version of an agreement, with the same facts.

    `said` is None where what was said was not asked for, and empty where the agreement keeps no words.
    """

    recipient: str
    agreement: str
    purpose: str
    power: str
    basis: tuple[str, ...]
    facts: tuple[str, ...]
    recipient_keeps: str
    privacy_notice: str
    contacts: tuple[str, ...]
    shared: tuple[Shared, ...]
    said: tuple[Said, ...] | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A list that two officers say was handed over another way: nothing of it is proven."""

    day: date
    recipient: str
    manner: str
    facts: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class AnsweredTo:
    """A list of an office's that we answered with something of the person: what we said, and which facts we showed."""

    day: date
    recipient: str
    office: str
    agreement: str
    purpose: str
    power: str
    told: str
    facts: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class SubjectReport:
    """The report. It goes up to a day, and the records that it rests on begin on one."""

    controller: str
    case_reference: str
    made_on: date
    goes_to: date
    records_since: date
    sharings: tuple[Sharing, ...]
    handed_over: tuple[HandedOver, ...]
    #: Lists that went and of which nobody knows any more who was on them: the same in everybody's report.
    lost: tuple[str, ...] = ()
    answered: tuple[AnsweredTo, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody with whom something was shared, each once."""
        proven, attested = (each.recipient for each in self.sharings), (each.recipient for each in self.handed_over)
        return tuple(dict.fromkeys((*proven, *attested, *(each.recipient for each in self.answered))))

    @property
    def in_short(self) -> str:
        """The answer in one sentence or two."""
        if not self.recipients:
            return NOTHING
        named = "; ".join(self.recipients)
        return f"We shared information about you with: {named}. This report says what, when, why and how."

    @property
    def scope(self) -> tuple[str, ...]:
        """What is in the report and what is not."""
        return (*SCOPE, LOST.format(lists=", ".join(self.lost))) if self.lost else SCOPE

    @property
    def complain(self) -> tuple[str, ...]:
        """How to complain."""
        return tuple(each.format(controller=self.controller) for each in COMPLAIN)

    @property
    def about(self) -> tuple[tuple[str, str], ...]:
        """What the report is, as names with what is said of each."""
        return (
            ("Who decides why and how your information is used", f"{self.controller} (the controller)"),
            ("Your request", self.case_reference),
            ("This report was made on", day_in_words(self.made_on)),
            ("It goes up to", day_in_words(self.goes_to)),
            ("Our records of sharing begin on", day_in_words(self.records_since)),
        )


def day_in_words(day: date) -> str:
    """Return a day as people write it: 22 November 2026."""
    return f"{day.day} {day:%B %Y}"
