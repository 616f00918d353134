"""Lists that a recipient left for us: with the pins, bounds and evidence of receipts, and put away once they are settled."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Barrier

import pysequoia
import pytest

from gateway import bootstrap
from gateway.delivery.interface import Inbound, InboundFile
from gateway.errors import (
    AccessDenied,
    ClaimantsRefused,
    ColumnsUnconfirmed,
    ConnectionFailed,
    TooManyLists,
    TransferRefused,
)
from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.events import Event
from gateway.model.time import FrozenClock
from gateway.sandbox.server import CLAIMANTS
from gateway.services.reconciliation.collect_claimants import collect_claimants, collect_claimants_nightly
from gateway.services.reconciliation.take_claimants import take_claimants
from gateway.store.reconciliations import delete_rows_about
from gateway.store.tables import reconciled_rows, reconciliations
from tests.claimants_left import answer_lists, list_about, names_on, opened_copy, reach_of, ready
from tests.clock_turned import run_at
from tests.rehearsed_county import DWP, JOBCENTRE, MORNING, with_server
from tests.work_coach_lists import STRANGER, TFEA, file_of


@dataclass
class LeftFolder:
    """A transport and its session: a recipient's folder in memory."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    archived: list[str] = field(default_factory=list)
    asked: int = 0
    reachable: bool = True
    may_move: bool = True

    @contextmanager
    def session(self):
        self.asked += 1
        if not self.reachable:
            raise ConnectionFailed("nobody there")
        yield self

    def collect(self, what):
        assert what is Inbound.CLAIMANTS
        for name in sorted(self.files.keys() | self.faults.keys()):
            yield InboundFile(name, self.files.get(name, b""), self.faults.get(name))

    def archive(self, name, what):
        assert what is Inbound.CLAIMANTS
        if not self.may_move:
            raise TransferRefused("permission is denied")
        self.files.pop(name, None)
        self.faults.pop(name, None)
        self.archived.append(name)


@pytest.fixture(scope="module")
def prepared(loaded_county, tmp_path_factory):
    """A county that answers sealed lists, never used itself."""
    county = loaded_county.copied_to(tmp_path_factory.mktemp("sealed") / "county")
    with ExitStack() as stack:
        ready(with_server(county, stack))
    return county, reach_of(county)


@pytest.fixture
def county(prepared, tmp_path):
    return prepared[0].copied_to(tmp_path / "county")


@pytest.fixture
def reach(prepared):
    return prepared[1]


def sealed(county, data, *, signer=None, recipient=None):
    """A list as the recipient's desk seals it; signed or encrypted by other keys where those are given."""

    own = pysequoia.Tsk.from_bytes(signer or bytes(county.partners[DWP].key))
    certificate = bootstrap.keyring_of(county.settings).certificate().encode()
    council = pysequoia.Cert.from_bytes(recipient or certificate)
    return pysequoia.encrypt(data, recipients=[council], signer=own.signer(), armor=False)


def collected(county, folder, *, at=MORNING, nightly=False):
    with county.at(at) as workplace:
        through = replace(workplace, transport_to=lambda _: folder)
        return (collect_claimants_nightly if nightly else collect_claimants)(through)


def test_a_sealed_list_is_taken_and_put_away_and_nothing_says_who_asked_about_whom(county, reach):
    folder = LeftFolder({"claimants.csv.pgp": sealed(county, list_about(reach[:3], STRANGER))})
    (found,) = collected(county, folder, nightly=True)
    assert [took.counts.on_list for took in found.taken] == [3]
    assert folder.archived == ["claimants.csv.pgp"]
    (entry,) = county.entries(Event.CLAIMANTS_TAKEN)
    said = repr(entry) + repr(county.recorded)
    assert not any(person.subject_ref in said or person.surname in said for person in reach[:3])
    (made,) = county.run(MORNING)
    assert len(names_on(opened_copy(county, made.list_id))) == 3


def test_what_the_recipient_did_not_sign_for_us_is_refused_with_its_hash_alone_and_put_away(county, reach):
    data, stranger = list_about(reach[:2]), new_openpgp_key("a stranger")
    other = bytes(pysequoia.Tsk.from_bytes(stranger).extract_certificate())
    folder = LeftFolder(
        {
            "as-it-is.csv": data,
            "by-a-stranger.pgp": sealed(county, data, signer=stranger),
            "for-another.pgp": sealed(county, data, recipient=other),
            "no-list.pgp": sealed(county, b"%PDF-1.7 not a list"),
        },
        {"too-large.pgp": "oversize", "ill-named-0123456789ab": "ill_named"},
    )
    with pytest.raises(ClaimantsRefused, match=DWP):
        collected(county, folder, nightly=True)
    codes = sorted(entry["code"] for entry in county.entries(Event.CLAIMANTS_REFUSED))
    assert codes == sorted(
        ["package-corrupt", "signature-invalid", "package-corrupt", "work-coach-list-refused", "oversize", "ill_named"]
    )
    assert set(folder.faults) == {"ill-named-0123456789ab"}
    assert folder.files == {}
    assert county.rows(reconciliations) == []
    (again,) = collected(county, folder, nightly=True)
    assert (again.refused, len(county.entries(Event.CLAIMANTS_REFUSED))) == ([], 6)


def test_a_list_whose_columns_nobody_confirmed_waits_where_it_is(loaded_county, tmp_path):
    county = loaded_county.copied_to(tmp_path / "county")
    with ExitStack() as stack:
        answer_lists(with_server(county, stack)).approve(JOBCENTRE)
    folder = LeftFolder({"claimants.pgp": b"not even looked at"})
    with pytest.raises(ColumnsUnconfirmed, match=JOBCENTRE) as waits:
        collected(county, folder, nightly=True)
    assert f"gateway reconcile columns FILE --office {JOBCENTRE}" in waits.value.advice()
    assert (folder.asked, set(folder.files)) == (0, {"claimants.pgp"})


def test_a_list_with_other_headings_or_one_too_many_waits_and_the_rest_is_taken(county, reach):
    changed = list_about(reach[:1]).replace(b"Surname", b"Family name at birth")
    folder = LeftFolder({"changed.pgp": sealed(county, changed), "good.pgp": sealed(county, list_about(reach[1:2]))})
    (found,) = collected(county, folder)
    assert [trouble.code for trouble in found.waiting] == ["work-coach-list-changed"]
    assert folder.archived == ["good.pgp"]
    text = county.settings_file.read_text(encoding="utf-8")
    county.settings_file.write_text(text.replace("lists_a_day = 6", "lists_a_day = 1"), encoding="utf-8")
    folder = LeftFolder({"more.pgp": sealed(county, list_about(reach[2:3]))})
    with pytest.raises(TooManyLists):
        collected(county, folder, nightly=True)
    assert set(folder.files) == {"more.pgp"}


def test_L4_what_cannot_be_put_away_is_found_taken_the_next_time(county, reach):
    """As after a crash between the commit and the server's answer."""
    folder = LeftFolder({"claimants.pgp": sealed(county, list_about(reach[:3]))}, may_move=False)
    (found,) = collected(county, folder)
    assert (len(found.taken), found.failure.code) == (1, "transfer-refused")
    folder.may_move = True
    (again,) = collected(county, folder, at=MORNING + timedelta(minutes=15))
    assert ([took.again for took in again.taken], folder.archived) == ([True], ["claimants.pgp"])
    assert len(county.rows(reconciliations)) == 1
    assert len(county.run(MORNING + timedelta(minutes=16))) == 1


def test_L6_nobody_speaks_to_a_server_that_approvers_did_not_sign_for(county):
    file = county.folder / "config" / "partners" / f"{DWP}.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('claimants = "/claimants"', 'claimants = "/elsewhere"'))
    folder = LeftFolder()
    (found,) = collected(county, folder, nightly=True)
    assert (found.failure.code, folder.asked) == ("agreement-unapproved", 0)


def test_a_recipient_that_cannot_be_reached_is_asked_again_and_nobody_is_told(county):
    (found,) = collected(county, LeftFolder(reachable=False), nightly=True)
    assert found.failure.retryable


def test_two_agreements_that_answer_lists_of_one_recipient_are_refused_both(county):
    one = county.folder / "agreements" / f"{JOBCENTRE}.yaml"
    other = one.with_name("another-for-them.yaml")
    other.write_text(one.read_text(encoding="utf-8").replace(f"id: {JOBCENTRE}", "id: another-for-them"))
    folder = LeftFolder()
    found = collected(county, folder)
    assert [each.failure.code for each in found] == ["reconciliation-refused"] * 2
    assert folder.asked == 0


def test_who_is_forgotten_goes_from_what_came_in_and_is_answered_about_no_more(county, reach):

    (found,) = collected(county, LeftFolder({"claimants.pgp": sealed(county, list_about(reach[:3]))}))
    assert found.taken[0].counts.on_list == 3
    with county.at(MORNING) as workplace, workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STOPPED)
        assert delete_rows_about(work.connection, [reach[0].subject_ref]) == 1
    assert len(county.rows(reconciled_rows)) == 2
    (made,) = county.run(MORNING)
    assert made.people == 2


def test_by_command_a_list_is_left_collected_answered_and_opened(prepared, tmp_path, reach):
    county = prepared[0].copied_to(tmp_path / "county")
    file = tmp_path / "claimants.csv"
    file.write_bytes(list_about(reach[:4], STRANGER))
    with county.server():
        county.desk(DWP).ask(file.read_bytes(), "claimants.csv.pgp")
        asked = run_at(MORNING, county.settings_file, "claimants", "collect")
        assert (asked.code, "1 list" in asked.out or JOBCENTRE in asked.out) == (0, True), asked.said
        again = run_at(MORNING, county.settings_file, "claimants", "collect", "--json")
        assert '"taken": []' in again.out, again.said
        ran = run_at(MORNING + timedelta(minutes=1), county.settings_file, "disclose", "run")
        assert ran.code == 0, ran.said
        sent = run_at(MORNING + timedelta(minutes=2), county.settings_file, "deliver", "resume")
        assert sent.code == 0, sent.said
        county.clock.instant = MORNING + timedelta(minutes=3)
        (opened,) = county.opened(DWP)
    assert opened.people == 4
    assert list((county.folder / "partner" / DWP / CLAIMANTS / "archive").iterdir()) != []


def test_by_command_a_list_is_handed_over_and_said_in_counts(county, reach, tmp_path):
    file = tmp_path / "claimants.csv.pgp"
    file.write_bytes(sealed(county, file_of([]) + b"\r\n".join(list_about(reach[:2], STRANGER).splitlines()[1:])))
    words = ["claimants", "take", str(file), "--agreement", JOBCENTRE]
    took = run_at(MORNING, county.settings_file, *words)
    assert took.code == 0, took.said
    assert f"Next: gateway disclose run {JOBCENTRE}" in took.said
    assert reach[0].surname not in took.said
    again = run_at(MORNING + timedelta(minutes=1), county.settings_file, *words)
    assert "answered once" in again.said
    shown = run_at(
        MORNING + timedelta(minutes=2), county.settings_file, "claimants", "take", str(file), "--json", *words[3:]
    )
    assert '"again": true' in shown.out


def test_a_tfea_takes_no_list_in(county):
    with county.at(MORNING, TFEA) as workplace, pytest.raises(AccessDenied):
        collect_claimants(workplace)


def test_L4_two_who_take_the_same_file_at_once_take_it_once(county, reach):
    data = sealed(county, list_about(reach[:3]))
    both = Barrier(2)

    def take():
        with bootstrap.workplace_of(county.settings, clock=FrozenClock(MORNING)) as workplace:
            both.wait(30)
            return take_claimants(workplace, JOBCENTRE, data)

    with ThreadPoolExecutor(2) as hosts:
        taken = [each.result(60) for each in [hosts.submit(take), hosts.submit(take)]]
    assert sorted(each.again for each in taken) == [False, True]
    assert len(county.rows(reconciliations)) == 1
