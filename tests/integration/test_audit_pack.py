"""The audit pack: whole, signed, checkable without the gateway, and nobody in it unless an officer adds a sample."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from gateway.documents import sha256_hex
from gateway.errors import AccessDenied, EntryInvalid
from gateway.ledger.events import Event
from gateway.model.officers import Actor, Role
from gateway.services.assurance.audit_pack import archive_of, make_pack
from gateway.services.assurance.pack_index import MANIFEST, PROOF_OF_LOG, QUESTIONS, SIGNATURE, VERIFIER
from gateway.services.audit.audit_person import Question, ReadReason, audit_person
from gateway.services.registers.register_uses import Period
from gateway.store.tables import checkpoints, evidence, involvements, persons
from tests.audited_county import an_audited_county
from tests.rehearsed_county import HOUSING, JOBCENTRE, MORNING

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
CASE = "IA-2026-7"


def packed(county, **how):
    with county.at(MORNING) as workplace:
        return make_pack(workplace, NOVEMBER, case_reference=CASE, **how)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """A county in which somebody was held, and looked up under two cases, before the pack was made."""
    county = an_audited_county(tmp_path_factory.mktemp("pack"))
    nino = next(row.nino for row in county.rows(persons) if row.nino)
    county.hold(nino)
    with county.at(MORNING) as workplace:
        for case in ("SAR-2026-1", "SAR-2026-2"):
            audit_person(workplace, Question("nino", nino), reason=ReadReason.SUBJECT_ACCESS, case_reference=case)
    return county


@pytest.fixture(scope="module")
def pack(looked_at):
    return packed(looked_at)


@pytest.fixture
def county(tmp_path):
    return an_audited_county(tmp_path)


def rows_of(pack, name):
    return json.loads(pack.files[f"{name}.json"])["rows"]


def test_the_manifest_names_every_file_with_its_hash(pack):
    named = dict(reversed(line.split("  ", 1)) for line in pack.files[MANIFEST].decode().splitlines())
    assert named == {name: sha256_hex(data) for name, data in pack.files.items() if name not in {MANIFEST, SIGNATURE}}
    assert pack.manifest_sha256 == sha256_hex(pack.files[MANIFEST])
    assert pack.verified


@pytest.mark.gpg
def test_a_stranger_checks_the_pack_with_gpg_and_sha256sum(pack, desk, tmp_path):
    write(pack, tmp_path)
    desk.knows(pack.files["council-certificate.asc"])
    assert desk.run("--verify", str(tmp_path / SIGNATURE), str(tmp_path / MANIFEST)).says("GOODSIG")
    assert sums(tmp_path) == 0
    with (tmp_path / "uses.csv").open("a") as file:
        file.write("one more\r\n")
    assert sums(tmp_path) != 0


def write(pack, folder):
    for name, data in pack.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def sums(folder):
    return subprocess.run(
        ["sha256sum", "-c", "--quiet", MANIFEST], cwd=folder, capture_output=True, check=False
    ).returncode


@pytest.mark.sshd
def test_a_stranger_checks_every_approval_with_ssh_keygen(pack, tmp_path):
    if shutil.which("ssh-keygen") is None:
        pytest.fail("OpenSSH's ssh-keygen is not installed; `-m 'not sshd'` leaves these tests out")
    write(pack, tmp_path)
    approvals = rows_of(pack, "approvals")
    assert len(approvals) == 4
    for row in approvals:
        words = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            "agreements/approvers",
            "-I",
            row["who"],
            "-n",
            "agreement@gateway",
        ]
        words += ["-s", row["signature"]]
        signed = (tmp_path / row["signed"]).read_bytes()
        assert subprocess.run(words, cwd=tmp_path, input=signed, capture_output=True, check=False).returncode == 0
        assert (
            subprocess.run(words, cwd=tmp_path, input=signed + b" ", capture_output=True, check=False).returncode != 0
        )


def test_the_index_answers_every_question_and_every_link_leads_to_a_file(pack):
    index = json.loads(pack.files["index.json"])
    assert [each["question"] for each in index["questions"]] == [question for question, _ in QUESTIONS]
    assert {each["question"] for each in index["questions"] if not each["pages"]} == {
        "What changed from one version to the next?",
        "How were single disclosures decided and sent?",
    }
    for name, data in pack.files.items():
        if name.endswith(".html"):
            for target in re.findall(r'href="([^"]+)"', data.decode()):
                assert target in pack.files, f"{name} links to {target}"


def test_every_list_is_in_it_with_its_hash_state_and_days(pack, looked_at):
    lists = {kept.reference: kept for kept in looked_at.lists()}
    assert {row["list"]: row["sha256"] for row in rows_of(pack, "uses")} == {
        reference: kept.package_sha256 for reference, kept in lists.items()
    }
    assert {row["list"]: row["state"] for row in rows_of(pack, "runs")} == dict.fromkeys(lists, "received")
    assert {row["our_copy"] for row in rows_of(pack, "retention")} == {"kept"}
    assert {row["our_copy_until"] for row in rows_of(pack, "retention")} == {"2026-12-21"}


def test_holds_are_counts_and_looks_are_without_a_person(pack, looked_at):
    holds = rows_of(pack, "holds")
    assert {(row["what"], row["reason"]) for row in holds} >= {("hold:placed", "safety")}
    assert sum(row["count"] for row in holds) == len(looked_at.entries(Event.HOLD_PLACED))
    looks = rows_of(pack, "looks")
    assert [row["case"] for row in looks] == ["SAR-2026-1", "SAR-2026-2"]
    assert "person" not in looks[0]
    assert next(csv.reader(io.StringIO(pack.files["looks.csv"].decode())))[-1] == "Found"


def everything_in(pack):
    return b"\n".join(data for _, data in sorted(pack.files.items())).decode("utf-8", "replace")


def test_L8_nobody_is_in_a_pack(pack, looked_at):
    found = everything_in(pack)
    for row in looked_at.rows(persons):
        assert row.subject_ref not in found
        assert row.subject_ref[:8] not in found
        assert not row.nino or row.nino not in found
        assert f"{row.forename} {row.surname}" not in found
    for row in looked_at.rows(involvements):
        assert not row.email or row.email not in found


def test_a_sample_adds_references_and_proofs_and_no_name(county):
    pack = packed(county, sampled_each=2)
    sample = json.loads(pack.files["sample.json"])
    assert len(sample["rows"]) == 12
    assert all(row["proof"]["entry_path"] for row in sample["rows"])
    found = everything_in(pack)
    for row in county.rows(persons):
        assert not row.nino or row.nino not in found
        assert f"{row.forename} {row.surname}" not in found
    assert [entry["sampled"] for entry in county.entries(Event.PACK_MADE)] == [2]


def test_that_it_was_made_is_an_entry_with_the_hash_of_its_manifest(county):
    pack = packed(county)
    (entry,) = county.entries(Event.PACK_MADE)
    assert entry == {
        "case": CASE,
        "from": "2026-11-01",
        "to": "2026-11-30",
        "files": len(pack.files),
        "manifest": pack.manifest_sha256,
        "sampled": 0,
    }
    assert county.audit() == ()


def test_a_stranger_checks_the_log_against_an_earlier_checkpoint_and_each_row_of_a_sample(county, tmp_path):
    """With the verifier that lies in the pack, on a machine without the gateway."""
    earlier = tmp_path / "earlier.txt"
    earlier.write_text(min(county.rows(checkpoints), key=lambda row: row.size).note)
    pack = packed(county, sampled_each=1)
    write(pack, tmp_path)
    key = json.loads(pack.files["index.json"])["log_key"]
    assert verified(tmp_path, PROOF_OF_LOG, "--key", key, "--checkpoint", str(earlier)) == 0
    earlier.write_text(earlier.read_text().replace("\n", "\n1", 1))
    assert verified(tmp_path, PROOF_OF_LOG, "--key", key, "--checkpoint", str(earlier)) == 4
    proofs = [name for name in pack.files if name.startswith("proofs/LST-")]
    assert len(proofs) == 6
    assert verified(tmp_path, proofs[0], "--key", key) == 0


def verified(folder, *words):
    command = [sys.executable, "-I", VERIFIER, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def test_versions_and_what_changed_between_them_are_in_it(county):
    county.change_agreement(JOBCENTRE, "version: 1", "version: 2")
    county.change_agreement(JOBCENTRE, "their_copy_days: 28", "their_copy_days: 60")
    county.clock.instant = MORNING
    county.approve(JOBCENTRE)
    pack = packed(county)
    changes = pack.files[f"agreements/{JOBCENTRE}-changes.html"].decode()
    assert "widens" in changes
    assert "days the recipient may keep a list goes from 28 to 60" in changes
    assert len([name for name in pack.files if name.startswith(f"agreements/{JOBCENTRE}-v2-")]) == 6
    assert f"agreements/{HOUSING}-changes.html" not in pack.files


def test_evidence_that_is_not_whole_is_said_in_the_pack(county):
    with county.at() as workplace, workplace.store.working_state() as connection:
        connection.exec_driver_sql("DROP TRIGGER evidence_no_update")
        connection.execute(update(evidence).where(evidence.c.position == 1).values(fields=1))
    pack = packed(county)
    assert not pack.verified
    assert "The evidence is NOT whole." in pack.files["verification.html"].decode()


def test_an_archive_holds_the_same_files_for_the_officer_alone(pack):
    data = archive_of(pack)
    assert data == archive_of(pack)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == dict(pack.files)
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o600}


def test_without_a_case_reference_there_is_no_pack(county):
    with county.at(MORNING) as workplace, pytest.raises(EntryInvalid):
        make_pack(workplace, NOVEMBER, case_reference="for the ICO")
    assert county.entries(Event.PACK_MADE) == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.APPROVER}))
def test_packs_are_made_by_officers_and_approvers(looked_at, role):
    with looked_at.at(MORNING) as workplace:
        stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
        with pytest.raises(AccessDenied):
            make_pack(stranger, NOVEMBER, case_reference=CASE)
