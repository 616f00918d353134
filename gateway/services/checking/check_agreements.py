"""Check what lists leave by: agreements, approvers, keys and partners."""

from collections.abc import Iterator
from functools import partial

from gateway.agreements.approvers import Approvers
from gateway.errors import ConnectionFailed
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import approvers_in_force
from gateway.services.agreements.review_agreements import Listed, list_agreements
from gateway.services.checking.checks import Check, Terms, Verdict, attempt
from gateway.services.keys.key_warnings import key_warnings
from gateway.services.keys.manage_keys import list_keys
from gateway.services.partners.check_partners import PartnerReport, check_partners
from gateway.services.workplace import Workplace

#: Somebody did these on purpose, or only has to wait.
_ON_PURPOSE = frozenset({"stopped", "suspended", "partner-disabled", "before-term"})
#: What the invented officers of a rehearsal mend.
_FOR_APPROVERS = frozenset({"unapproved", "approvers-unusable"})


def check_what_lists_leave_by(workplace: Workplace, _: Terms) -> Iterator[Check]:
    """Check the agreements' files, who may approve them, and whether each is in force."""
    faults = Shelf.of(workplace).faults()
    if faults:
        found = f"{faults[0]}{f' (and {len(faults) - 1} more)' if faults[1:] else ''}"
        yield Check("agreements' files", Verdict.NOT_OK, found, "`gateway agreements check`")
    else:
        yield Check("agreements' files", Verdict.OK, "no faults")
    with workplace.store.reading() as connection:
        yield attempt("approvers", partial(approvers_in_force, workplace, connection), _tell_approvers)
    listed = list_agreements(workplace)
    if not listed:
        yield Check("agreements", Verdict.NOT_OK, "there is none", "agreements/README.md")
    yield from (_agreement(item, rehearsed=_is_rehearsed(workplace)) for item in listed)


def _tell_approvers(approvers: Approvers) -> str:
    return f"{len(approvers.approvers)} enrolled"


def _agreement(item: Listed, *, rehearsed: bool) -> Check:
    what = f"agreement {item.agreement_id}"
    if item.standing is None:
        return Check(what, Verdict.NOT_OK, f"{len(item.faults)} faults", "`gateway agreements check`")
    reasons, cautions = item.standing.reasons, item.standing.cautions
    if reasons:
        only_on_purpose = {reason.code for reason in reasons} <= _ON_PURPOSE
        verdict = Verdict.TAKE_CARE if only_on_purpose else Verdict.NOT_OK
        invented = rehearsed and reasons[0].code in _FOR_APPROVERS
        way_out = f"`gateway sandbox approve {item.agreement_id}`" if invented else reasons[0].way_out
        return Check(what, verdict, "; ".join(reason.sentence for reason in reasons), way_out)
    if cautions:
        more = f" (and {len(cautions) - 1} more)" if cautions[1:] else ""
        found = f"in force, but {cautions[0].sentence}{more}"
        return Check(what, Verdict.TAKE_CARE, found, f"`gateway agreements show {item.agreement_id}`")
    return Check(what, Verdict.OK, "in force")


def check_keys(workplace: Workplace, _: Terms) -> Iterator[Check]:
    """Check that keys are registered, and how long they can be used."""
    registered = {key.fingerprint for key in list_keys(workplace)}
    if all(key.fingerprint in registered for key in workplace.keys.facts()):
        yield Check("register of keys", Verdict.OK, "our keys are in the ledger")
    else:
        yield Check("register of keys", Verdict.TAKE_CARE, "keys of ours are not in it", "`gateway keys generate`")
    for partner in workplace.partners.values():
        if partner.fingerprint not in registered:
            found = f"the certificate of {partner.name} is not entered as compared by phone"
            way_out = f"`gateway keys import {partner.name} --fingerprint ...`: keys/README.md"
            yield Check("register of keys", Verdict.TAKE_CARE, found, way_out)
    for warning in key_warnings(workplace):
        what = f"key of {warning.owner} for {warning.purpose.value}"
        if warning.days_left is None or warning.days_left < 0:
            yield Check(what, Verdict.NOT_OK, "it cannot be used", warning.advice)
        else:
            yield Check(what, Verdict.TAKE_CARE, f"{warning.days_left} days left", warning.advice)


def check_servers(workplace: Workplace, terms: Terms) -> Iterator[Check]:
    """Check that each partner's server is reached, is the pinned one, and shows its folders."""
    if not workplace.partners:
        yield Check("partners", Verdict.NOT_OK, "there is none", "Copy one of config/partners/*.toml.example")
    if terms.offline or not workplace.partners:
        return
    if not workplace.actor.may(Action.MANAGE_PARTNERS):
        yield Check("partners", Verdict.TAKE_CARE, "not tried: it takes an operator", "`gateway partners check`")
        return
    for report in check_partners(workplace):
        yield _partner(report, rehearsed=_is_rehearsed(workplace))


def _partner(report: PartnerReport, *, rehearsed: bool) -> Check:
    what = f"partner {report.name}"
    worst = next(iter(sorted(report.problems, key=lambda problem: problem.bearable)), None)
    if worst is None:
        return Check(what, Verdict.OK, "reached, pins compared, folders there")
    if worst.code == ConnectionFailed.code:
        way_out = "`gateway sandbox serve`, in another terminal" if rehearsed else "`gateway partners check`"
        return Check(what, Verdict.NOT_OK, worst.sentence, way_out)
    return Check(what, Verdict.TAKE_CARE if worst.bearable else Verdict.NOT_OK, worst.sentence, worst.way_out)


def _is_rehearsed(workplace: Workplace) -> bool:
    return workplace.environment == "synthetic"
