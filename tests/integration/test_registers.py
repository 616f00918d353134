"""Registers of a county after a whole night: everything in them is what the agreements, the night and the receipts say."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.documents.register import as_csv, as_data, as_page
from gateway.errors import AccessDenied
from gateway.model.officers import Actor, Role
from gateway.services.registers.register_agreements import agreement_register, dea_register, processing_register
from gateway.services.registers.register_uses import Period, uses_register
from gateway.services.registers.small_numbers import FEW, LEAST_SHOWN, WITHHELD
from gateway.services.registers.transparency import transparency_figures
from gateway.store.tables import evidence
from tests.audited_county import an_audited_county
from tests.evidence_made import answer_list_of
from tests.lists_made import Subject
from tests.rehearsed_county import HOUSING, JOBCENTRE, MORNING

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
GDS_FIELDS = [
    *("id", "Name", "Purpose", "Information sharing benefits", "Legal power disclosure", "Disclosed information"),
    *("Controllers", "Controller names", "Information sharing method", "Processors", "Processor names"),
    *("Retention period", "Start date", "End date", "Review date", "Contact", "Areas", "Area names"),
]


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return an_audited_county(tmp_path_factory.mktemp("registers"))


@pytest.fixture
def workplace(county):
    with county.at(MORNING) as opened:
        yield opened


def rows_of(register):
    return as_data(register)["rows"]


def by_agreement(rows):
    return {next(name for name in (JOBCENTRE, HOUSING) if name in row["agreement_id"]): row for row in rows}


def test_the_register_names_power_approvals_assessment_and_review_of_every_agreement(workplace):
    rows = by_agreement(rows_of(agreement_register(workplace)))
    assert set(rows) == {JOBCENTRE, HOUSING}
    row = rows[JOBCENTRE]
    assert row["legal_power"][0].startswith("Digital Economy Act 2017 section 35")
    assert row["legal_power"][1] == "to be confirmed"
    assert [words.rpartition(" on ")[2] for words in row["approvals"]] == ["2026-11-15", "2026-11-15"]
    assert row["impact_assessment"].startswith("DPIA-2026-014, review by ")
    assert (row["policy_document"], row["rating"]) == ("APD-2026-03 Supporting Families", "AMBER")


def test_an_agreement_that_may_not_run_is_red_with_every_reason(county):
    with county.at(datetime(2029, 1, 2, tzinfo=UTC)) as workplace:
        rows = by_agreement(rows_of(agreement_register(workplace)))
    assert {row["rating"] for row in rows.values()} == {"RED"}
    assert any("term ended" in why for why in rows[JOBCENTRE]["stands_for"])


def test_a_change_of_an_agreement_leaves_its_approvals_out_and_a_file_that_is_gone_leaves_the_entry(tmp_path):
    county = an_audited_county(tmp_path)
    county.change_agreement(JOBCENTRE, 'title: "', 'title: "Changed ')
    (county.folder / "agreements" / f"{HOUSING}.yaml").unlink()
    with county.at() as workplace:
        rows = by_agreement(rows_of(agreement_register(workplace)))
    assert rows[JOBCENTRE]["approvals"] == ()
    assert rows[JOBCENTRE]["rating"] == "RED"
    assert rows[HOUSING]["title"] == "Housing options: families with a lead professional"
    assert any("no file" in why for why in rows[HOUSING]["stands_for"])


def test_an_agreement_that_cannot_be_read_stands_in_the_register_with_its_faults(tmp_path):
    county = an_audited_county(tmp_path)
    county.change_agreement(JOBCENTRE, "mode: full_list", "mode: whatever")
    with county.at() as workplace:
        register = agreement_register(workplace)
        processing = processing_register(workplace)
    row = by_agreement(rows_of(register))[JOBCENTRE]
    assert (row["rating"], row["legal_power"]) == ("RED", None)
    assert any("mode" in why for why in row["stands_for"])
    assert JOBCENTRE in processing.about
    assert len(processing.rows) == 1


def test_the_record_of_processing_has_the_columns_of_the_law_filled_from_the_agreement(workplace, county):
    rows = {row["agreement"]: row for row in rows_of(processing_register(workplace))}
    row = rows[f"{JOBCENTRE}, version 1"]
    assert row["controller"][0] == county.settings.gateway.controller
    assert row["data_protection_officer"] == "Data Protection Officer, the county council"
    assert row["recipients"] == ("Department for Work and Pensions (Jobcentre Plus)",)
    assert "Appropriate Policy Document: APD-2026-03 Supporting Families" in row["condition"]
    assert row["article_6"] == ("Article 6(1)(e), the council's own task of supporting families",)
    # Nobody wrote it down, and the register says so.
    assert row["retention_followed"] is None
    assert row["overdue_copies"] == 0
    assert any(workplace.partners["dwp-jobcentre-plus"].fingerprint in words for words in row["security"])


def test_sealed_copies_that_should_be_gone_are_counted(county):
    with county.at(datetime(2027, 1, 10, tzinfo=UTC)) as workplace:
        rows = {row["agreement"]: row for row in rows_of(processing_register(workplace))}
    assert rows[f"{JOBCENTRE}, version 1"]["overdue_copies"] == 5
    assert rows[f"{HOUSING}, version 1"]["overdue_copies"] == 1


def test_the_digital_economy_act_register_has_its_eighteen_fields_and_only_agreements_under_that_act(workplace):
    register = dea_register(workplace)
    assert [column.heading for column in register.columns] == GDS_FIELDS
    (entry,) = list(csv.DictReader(io.StringIO(as_csv(register), newline="")))
    assert entry["Name"] == "Jobcentre Plus: Supporting Families"
    assert entry["Processor names"] == "none"
    assert entry["id"] == entry["Controllers"] == "not recorded"
    assert entry["Area names"] == "Cambridgeshire"
    assert "National Insurance number" in entry["Disclosed information"]


def test_every_released_file_is_in_the_uses_register_with_what_became_of_it(workplace, county):
    rows = {row["list"]: row for row in rows_of(uses_register(workplace, NOVEMBER))}
    lists = {kept.reference: kept for kept in county.lists()}
    assert set(rows) == set(lists)
    for reference, row in rows.items():
        kept = lists[reference]
        assert (row["people"], row["sha256"], row["package"]) == (kept.people, kept.package_sha256, kept.remote_name)
        assert (row["state"], row["receipt"]) == ("received", "validated 2026-11-16")
        assert row["destroy_by"] == "2026-12-14"
    assert sum(row["people"] for row in rows.values()) == sum(kept.people for kept in lists.values())
    assert rows_of(uses_register(workplace, Period(date(2026, 12, 1), date(2026, 12, 31)))) == []


def test_the_uses_register_keeps_the_words_of_the_version_that_a_list_was_made_under(tmp_path):
    county = an_audited_county(tmp_path)
    with county.at() as workplace:
        before = rows_of(uses_register(workplace, NOVEMBER))
    for agreement in (JOBCENTRE, HOUSING):
        county.change_agreement(agreement, "purpose:\n  code: ", "purpose:\n  code: another-")
        county.change_agreement(agreement, "their_copy_days: 28", "their_copy_days: 1")
    with county.at() as workplace:
        assert rows_of(uses_register(workplace, NOVEMBER)) == before


def test_what_is_published_counts_out_no_few_people_and_names_no_package(workplace):
    published = uses_register(workplace, NOVEMBER, publish=True)
    exact = {row["list"]: row["people"] for row in rows_of(uses_register(workplace, NOVEMBER))}
    assert any(people < LEAST_SHOWN for people in exact.values())
    for row in rows_of(published):
        people = exact[row["list"]]
        assert row["people"] == (FEW if people < LEAST_SHOWN else people)
        assert not {"sha256", "package"} & set(row)
    assert as_page(published).count("<section>") == len(exact)


def test_the_yearly_figures_are_by_recipient_and_purpose_and_add_up_no_people(workplace, county):
    *rows, total = rows_of(transparency_figures(workplace, 2026))
    lists = county.lists()
    jobcentre = next(row for row in rows if "Jobcentre" in row["recipient"])
    assert jobcentre["files"] == 5
    assert jobcentre["disclosures"] == sum(kept.people for kept in lists if kept.agreement_id == JOBCENTRE)
    assert jobcentre["people"] == jobcentre["disclosures"]
    assert (total["files"], total["people"]) == (6, WITHHELD)
    assert rows_of(transparency_figures(workplace, 2025)) == []


def test_an_answer_to_a_work_coach_list_is_a_use_and_counts_in_the_yearly_figures(tmp_path):
    county = an_audited_county(tmp_path)
    kept = next(each for each in county.lists() if each.agreement_id == JOBCENTRE)
    told = [Subject(row.subject_ref, b"s" * 32) for row in county.rows(evidence, evidence.c.list_id == kept.list_id)]
    said = {"partner": kept.partner, "agreement_id": JOBCENTRE, "statement_hash": kept.statement_hash}
    with county.at(MORNING) as workplace:
        before = rows_of(transparency_figures(workplace, 2026))
        answer_list_of(workplace.store, workplace.actor, "RCN-ely-2026-11-17-1", told[:6], **said)
        row = next(row for row in rows_of(uses_register(workplace, NOVEMBER)) if row["list"] == "RCN-ely-2026-11-17-1")
        after = rows_of(transparency_figures(workplace, 2026))
    assert (row["part"], row["people"], row["state"]) == ("ely", 6, "an answer to a work-coach list")
    assert "lead_professional_name" in str(row["fields"])
    (was,), (now,) = ([row for row in rows if "Jobcentre" in row["recipient"]] for rows in (before, after))
    assert (now["files"], now["disclosures"]) == (was["files"] + 1, was["disclosures"] + 6)
    assert now["people"] == was["people"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.APPROVER, Role.AUDITOR}))
def test_registers_are_for_officers_approvers_and_auditors(workplace, role):
    stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
    for ask in (agreement_register, processing_register, dea_register):
        with pytest.raises(AccessDenied):
            ask(stranger)
    with pytest.raises(AccessDenied):
        uses_register(stranger, NOVEMBER)
    with pytest.raises(AccessDenied):
        transparency_figures(stranger, 2026)
