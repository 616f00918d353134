"""Proofs and bundles are checked by the stand-alone verifier alone, on a machine that has nothing else of the gateway.

The verifier is copied to an empty folder and run by a Python that finds no module of the project.
"""

import ast
import json
import shutil
import struct
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text, update

from gateway.errors import AccessDenied, LedgerDamaged, QuestionInvalid, SubjectUnknown
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, sign_checkpoint
from gateway.ledger.entries import Event, read_entry
from gateway.ledger.tree import leaf_hash, root_of
from gateway.model.fields import FIELDS
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_bundle import bundle_list, bundle_period
from gateway.services.audit.audit_person import Question
from gateway.services.audit.audit_proof import prove_entry, prove_growth, prove_person, prove_row
from gateway.services.registers.register_uses import Period
from gateway.store.engine import Store
from gateway.store.tables import checkpoints, evidence, ledger
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import DESK, INDEX_KEY, SOURCE, WITNESS, make_evidence
from tests.tampering import rows_of

VERIFIER = Path("gateway/verifier/verify_evidence.py").resolve()
#: Whatever leads to modules of ours, they cannot be imported.
ALONE = (
    "import runpy, sys; sys.modules['gateway'] = None; del sys.argv[0]; runpy.run_path(sys.argv[0], None, '__main__')"
)
LIST = "L-2026-11-20-all"
GONE = "L-2026-11-19-all"
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
HOLDS, OPEN, FAILS = 0, 3, 4
SAID = {"fingerprint": "AB" * 32, "before": "CD" * 32}
ASKED = {"reason": "audit", "case_reference": "IA-2026-1"}


class IndexKeyOnly:
    """The one key that finding a person asks for."""

    def index_key(self):
        return INDEX_KEY


@pytest.fixture
def workplace(sqlite_store, clock, everyone, tmp_path):
    make_evidence(sqlite_store, everyone)
    return a_bare_workplace(sqlite_store, clock, everyone, tmp_path, keys=IndexKeyOnly())


@pytest.fixture
def verify(tmp_path, signer):
    """Run the copied verifier over a document; the log's key is given unless a test says otherwise."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    copied = Path(shutil.copy(VERIFIER, folder / "check.py"))

    def run(document, *words, key=signer.vkey, kept=()):
        data = document if isinstance(document, bytes) else json.dumps(document, indent=2).encode()
        (folder / "evidence").write_bytes(data)
        for number, note in enumerate(kept):
            (folder / f"kept{number}").write_text(note, encoding="utf-8")
            words = (*words, "--checkpoint", f"kept{number}")
        given = ["--key", key] if key else []
        command = [sys.executable, "-I", "-c", ALONE, copied.name, "evidence", *given, *words]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        return ran.returncode, ran.stdout + ran.stderr

    return run


@pytest.fixture(scope="module")
def checker():
    """The verifier's own functions, for what would take a process each."""
    names = {"__name__": "verifier"}
    exec(compile(VERIFIER.read_text(encoding="utf-8"), VERIFIER.name, "exec"), names)
    return names


@pytest.fixture
def ends(checker, signer):
    """How the verifier ends over bytes, in this process."""

    def run(data: bytes) -> int:
        report = checker["Report"](lambda _: None)
        try:
            lines = iter(data.decode().splitlines(keepends=True))
        except UnicodeDecodeError:
            return FAILS
        checker["_check_lines"](lines, checker["Asked"](signer.vkey), report)
        return report.ends

    return run


def bundled(workplace, reference=LIST) -> bytes:
    pieces: list[bytes] = []
    bundle_list(workplace, reference, pieces.append)
    return b"".join(pieces)


def newest_note(store) -> str:
    with store.reading() as connection:
        return connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size.desc())).scalars().first()


def enter(workplace, count: int = 1) -> None:
    for _ in range(count):
        with workplace.store.writing(workplace.actor) as work:
            work.enter(Event.SERVICE_STARTED, release="0.1.0")


def damage(store, table, *where) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {table.name}_no_update"))
        connection.execute(update(table).where(*where).values(leaf=b"x" * 32))


def test_a_row_is_proven_up_to_the_signed_checkpoint(workplace, verify):
    code, said = verify(prove_row(workplace, LIST, 3), "--witness", DESK.vkey)
    assert code == HOLDS, said
    assert f"row 3 of 10 is on {LIST}" in said
    assert f"{WITNESS} says that it saw" in said
    assert "Everything holds." in said


def test_every_row_of_a_list_is_proven(workplace, ends):
    for position in range(1, 11):
        assert ends(json.dumps(prove_row(workplace, LIST, position)).encode()) == HOLDS


def test_a_proof_shows_nobody_else(workplace):
    document = json.dumps(prove_row(workplace, LIST, 3))
    with workplace.store.reading() as connection:
        others = [row for row in rows_of(connection, evidence) if row["position"] != 3]
    for row in others:
        assert row["subject_ref"] not in document or row["subject_ref"] == json.loads(document)["row"]["subject_ref"]
        assert row["commitment"].hex() not in document


def test_an_entry_is_proven_wherever_it_stands(workplace, verify, ends):
    with workplace.store.reading() as connection:
        size = connection.execute(text("SELECT count(*) FROM ledger")).scalar_one()
    for position in range(1, size + 1):
        assert ends(json.dumps(prove_entry(workplace, position)).encode()) == HOLDS
    code, said = verify(prove_entry(workplace, 1))
    assert code == HOLDS
    assert "entry 1 is in the log: database:created" in said


def test_growth_is_proven_from_every_checkpoint_and_from_nothing(workplace, verify, ends):
    with workplace.store.reading() as connection:
        kept = {row.size: row.note for row in connection.execute(select(checkpoints))}
    for size in (0, *kept):
        assert ends(json.dumps(prove_growth(workplace, size)).encode()) == HOLDS
    first = min(kept)
    code, said = verify(prove_growth(workplace, first), kept=[kept[first]])
    assert code == HOLDS, said
    assert f"the log only grew, from {first} to" in said
    assert "that you kept is of this log" in said


def test_a_bundle_of_a_list_or_of_days_holds_and_agrees_with_a_checkpoint_kept_from_before(workplace, verify):
    early = newest_note(workplace.store)
    enter(workplace, 3)
    code, said = verify(bundled(workplace), "--witness", DESK.vkey, kept=[early])
    assert code == HOLDS, said
    assert f"{LIST}: 10 rows, for jcp on 2026-11-20" in said
    pieces: list[bytes] = []
    made = bundle_period(workplace, NOVEMBER, pieces.append)
    # One of them is a list whose evidence was purged.
    assert (len(made.lists), made.rows, made.damaged) == (3, 15, [])
    assert verify(b"".join(pieces))[0] == HOLDS


def test_what_was_not_compared_is_not_called_proven(workplace, verify, signer):
    proof = prove_row(workplace, LIST, 1)
    code, said = verify(proof, key=None)
    assert code == OPEN
    assert signer.vkey in said
    enter(workplace)
    assert verify(proof, kept=[newest_note(workplace.store)])[0] == OPEN
    stranger = DESK.vkey.replace(WITNESS, WITNESS)
    assert verify(prove_entry(workplace, 1), "--witness", stranger)[0] == HOLDS


def test_another_key_and_a_fork_do_not_hold(workplace, verify, signer):
    thief = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    assert verify(prove_entry(workplace, 1), key=thief.vkey)[0] == FAILS
    newest = newest_note(workplace.store)
    size = int(newest.split("\n")[1])
    forked = sign_checkpoint(Checkpoint(signer.name, size, b"r" * 32), signer)
    code, said = verify(bundled(workplace), kept=[forked])
    assert code == FAILS
    assert "two were signed" in said
    assert verify(prove_growth(workplace, 0), kept=[forked])[0] == FAILS


@pytest.mark.parametrize("make", [lambda w: prove_row(w, LIST, 3), lambda w: prove_growth(w, 1)], ids=["row", "growth"])
def test_no_bit_of_a_proof_can_be_turned(workplace, ends, make):
    data = json.dumps(make(workplace), separators=(",", ":"), ensure_ascii=False).encode()
    # What a co-signature says is nobody's affair who does not ask for that witness.
    elsewhere = range(data.rindex(b'",', 0, data.rfind(WITNESS.encode())) + 2, len(data))
    survived = []
    for place in range(len(data)):
        bent = bytearray(data)
        bent[place] ^= 1 << place % 8
        if ends(bytes(bent)) != FAILS and place not in elsewhere:
            survived.append(place)
    assert [data[place - 20 : place + 20] for place in survived] == []


def test_a_bundle_that_was_altered_does_not_hold(workplace, ends):
    lines = bundled(workplace).splitlines(keepends=True)
    assert ends(b"".join(lines)) == HOLDS
    rows = [number for number, line in enumerate(lines) if line.startswith(b'{"row"')]
    entries = [number for number, line in enumerate(lines) if line.startswith(b'{"position"')]
    changed = lines.copy()
    changed[rows[2]] = changed[rows[2]].replace(b'"fields":63', b'"fields":62')
    swapped = lines.copy()
    swapped[rows[1]], swapped[rows[2]] = swapped[rows[2]], swapped[rows[1]]
    for wrong in (
        changed,
        swapped,
        lines[: rows[3]] + lines[rows[3] + 1 :],
        [*lines[: rows[3]], lines[rows[3]], *lines[rows[3] :]],
        lines[:-1],
        [*lines, lines[-1]],
        lines[: entries[-1]] + lines[entries[-1] + 1 :],
        lines[: entries[0]] + lines[entries[0] + 1 :],
        [lines[0], *lines[2:]] if b"checkpoint" not in lines[2] else lines[: entries[0] - 1] + lines[entries[0] :],
        [],
        [b"{}\n"],
        [b"\xff\n"],
    ):
        assert ends(b"".join(wrong)) == FAILS


def test_a_row_that_was_changed_is_named(workplace, verify):
    data = bundled(workplace).replace(b'{"row":4,', b'{"row":4,"note":1,', 1)
    place = data.index(b'"note":1')
    data = data[:place] + data[place:].replace(b'"fields":63', b'"fields":31', 1)
    code, said = verify(data)
    assert code == FAILS
    assert f"{LIST} row 4: what it says does not give its leaf" in said


def test_a_log_that_was_handed_over_is_followed_from_the_first_key_to_the_last(
    sqlite_store, store_of, clock, everyone, signer, verify, tmp_path
):
    make_evidence(sqlite_store, everyone)
    successor = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    with sqlite_store.writing(everyone) as work:
        work.hand_over(successor, **SAID)
    workplace = a_bare_workplace(store_of(successor), clock, everyone, tmp_path, keys=IndexKeyOnly())
    enter(workplace, 2)
    thief = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    for made in (prove_growth(workplace, 1), prove_entry(workplace, 30), bundled(workplace)):
        for key, ends in ((signer, HOLDS), (successor, HOLDS), (thief, FAILS)):
            assert verify(made, key=key.vkey)[0] == ends
    document = prove_growth(workplace, 1)
    document["hand_overs"] = []
    assert verify(document)[0] == FAILS


@pytest.fixture
def store_of(sqlite_store, sqlite_url, clock):
    opened = []

    def open_with(signer):
        opened.append(Store.open(sqlite_url, clock=clock, signer=signer))
        return opened[-1]

    yield open_with
    for store in opened:
        store.close()


def test_a_person_is_proven_by_an_identifier_and_the_question_is_entered(workplace, verify):
    document = prove_person(workplace, LIST, Question(SOURCE, "1000"), **ASKED)
    assert verify(document)[0] == HOLDS
    with workplace.store.reading() as connection:
        entry = read_entry(
            connection.execute(select(ledger.c.body).order_by(ledger.c.position.desc())).scalars().first()
        )
    assert (entry.event, entry.body["subject"]) == (Event.PERSON_READ, document["row"]["subject_ref"])


def test_whoever_is_not_on_the_list_is_answered_as_whoever_is_unknown(workplace):
    said = set()
    for value in ("1000", "1001", "1011", "9999"):
        try:
            prove_person(workplace, "L-2026-11-21-all", Question(SOURCE, value), **ASKED)
        except SubjectUnknown as error:
            said.add(str(error))
    assert len(said) == 1
    with workplace.store.reading() as connection:
        newest = connection.execute(select(ledger.c.body).order_by(ledger.c.position.desc())).scalars().first()
    assert read_entry(newest).body == {
        "reason": "audit",
        "case": "IA-2026-1",
        "kind": "other",
        "found": False,
        "disclosures": 0,
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda w: prove_row(w, "L-none", 1),
        lambda w: prove_row(w, "L-2026-11-22-all", 1),
        lambda w: prove_row(w, LIST, 11),
        lambda w: prove_entry(w, 10_000),
        lambda w: prove_growth(w, 10_000),
        lambda w: bundled(w, "L-none"),
        lambda w: bundle_period(w, Period(date(2020, 1, 1), date(2020, 1, 2)), print),
    ],
)
def test_a_question_without_an_answer_is_refused(workplace, ask):
    with pytest.raises(QuestionInvalid):
        ask(workplace)


def test_nobody_else_may_ask(sqlite_store, clock, tmp_path):
    operator = Actor("operator", "Invented Operator", frozenset({Role.OPERATOR}))
    visitor = a_bare_workplace(sqlite_store, clock, operator, tmp_path)
    for ask in (
        lambda: prove_row(visitor, LIST, 1),
        lambda: prove_entry(visitor, 1),
        lambda: bundled(visitor),
        lambda: bundle_period(visitor, NOVEMBER, print),
        lambda: prove_person(visitor, LIST, Question(SOURCE, "1000"), **ASKED),
    ):
        with pytest.raises(AccessDenied):
            ask()
    # The operator keeps a witness informed.
    assert prove_growth(visitor, 0)["proves"] == "growth"


def test_damaged_evidence_proves_nothing_and_a_bundle_of_it_says_so(workplace, verify):
    damage(workplace.store, evidence, evidence.c.list_id == 1, evidence.c.position == 4)
    for position in (3, 4):
        with pytest.raises(LedgerDamaged):
            prove_row(workplace, LIST, position)
    pieces: list[bytes] = []
    assert bundle_list(workplace, LIST, pieces.append).damaged == [LIST]
    code, said = verify(b"".join(pieces))
    assert code == FAILS
    assert f"{LIST} row 4" in said
    assert f"{LIST}: its rows are not those that were sealed" in said


def test_a_damaged_log_proves_nothing(workplace):
    damage(workplace.store, ledger, ledger.c.position == 2)
    for ask in (
        lambda: prove_row(workplace, LIST, 3),
        lambda: prove_entry(workplace, 5),
        lambda: prove_growth(workplace, 1),
    ):
        with pytest.raises(LedgerDamaged):
            ask()


def test_nobody_is_in_a_bundle(workplace):
    data = bundled(workplace)
    with workplace.store.reading() as connection:
        on_it = {row["subject_ref"] for row in rows_of(connection, evidence) if row["list_id"] == 1}
        everybody = set(connection.execute(text("SELECT subject_ref FROM subjects")).scalars())
    found = {ref for ref in everybody if ref.encode() in data}
    assert found == on_it
    assert b"hold:" not in data
    assert b"objection" not in data


def test_the_verifier_knows_the_fields_and_nothing_of_the_gateway(checker):
    assert {name: bit for bit, name in enumerate(checker["FIELDS"])} == {n: f.bit for n, f in FIELDS.items()}
    parsed = ast.walk(ast.parse(VERIFIER.read_text(encoding="utf-8")))
    names = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in parsed
        if hasattr(node, "names")
    }
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | {"cryptography"}
    for path in Path("gateway").rglob("*.py"):
        assert "gateway.verifier" not in path.read_text(encoding="utf-8"), path


def test_bytes_that_pass_from_one_column_to_the_next_are_no_row(workplace, ends):
    document = prove_row(workplace, LIST, 3)
    row = document["row"]
    data = row["subject_ref"].encode() + struct.pack(">II", row["fields"], row["factors"])
    data += bytes.fromhex(row["commitment"])
    fields, factors = struct.unpack(">II", data[35:43])
    moved = {"subject_ref": data[:35].decode(), "fields": fields, "factors": factors, "commitment": data[43:].hex()}
    assert ends(json.dumps(document).encode()) == HOLDS
    assert ends(json.dumps(document | {"row": row | moved}).encode()) == FAILS


def test_two_readings_of_the_trees_agree(checker):
    from gateway.ledger.proofs import consistency_proof, inclusion_proof, roots_of

    leaves = [bytes([number]) * 32 for number in range(40)]
    for size in range(1, 41):
        tree = checker["Tree"]()
        for leaf in leaves[:size]:
            tree.append(leaf)
        root = root_of(leaves[:size])
        assert tree.root() == root
        for index in range(size):
            path = inclusion_proof(roots_of(leaves), size, index)
            assert checker["root_from"](path, leaves[index], index, size) == root
        for old in range(size + 1):
            path = consistency_proof(roots_of(leaves), size, old)
            assert checker["has_grown"](path, old, root_of(leaves[:old]), size, root)
            for bent in ([*path, root], path[:-1], path[::-1]):
                if bent != path:
                    assert not checker["has_grown"](bent, old, root_of(leaves[:old]), size, root)


# --- a list whose evidence was purged at its term ---


def test_a_bundle_of_a_purged_list_holds_by_the_entry_of_its_purge(workplace, verify):
    code, said = verify(bundled(workplace, GONE))
    assert code == HOLDS, said
    assert f"{GONE}: its 3 rows went at the end of their term, kept until 2033-11-22" in said
    assert "their number and root stand" in said


def test_a_bundle_that_shows_rows_of_a_purged_list_or_hides_its_purge_does_not_hold(workplace, verify):
    lines = bundled(workplace, GONE).splitlines(keepends=True)
    row = json.loads(next(line for line in bundled(workplace).splitlines() if line.startswith(b'{"row"')))
    shown = [*lines[:-1], json.dumps(row).encode() + b"\n", lines[-1].replace(b'"rows":0', b'"rows":1')]
    code, said = verify(b"".join(shown))
    assert (code, "says that they were purged" in said) == (FAILS, True)
    hidden = [_as_leaf(line) if b"evidence:purged" in line else line for line in lines]
    code, said = verify(b"".join(hidden))
    assert (code, f"{GONE}: 0 rows, and 3 were sealed" in said) == (FAILS, True)


def _as_leaf(line: bytes) -> bytes:
    document = json.loads(line)
    leaf = leaf_hash(document["entry"].encode()).hex()
    return json.dumps({"position": document["position"], "leaf": leaf}).encode() + b"\n"


def test_a_purge_that_counts_other_rows_than_were_sealed_does_not_hold(workplace, verify):
    """As somebody could enter it who has the keys, to hide that rows were changed before they went."""
    days = {"rested_on": date(2026, 11, 22), "kept_until": date(2033, 11, 22)}
    with workplace.store.writing(workplace.actor) as work:
        said = {"rows": 2, "root": "00" * 32, "exclusions": 0, "fields": 1, "case": "IG-2033-1"}
        work.enter(Event.EVIDENCE_PURGED, kind="list", list=GONE, **said, **days)
    code, said = verify(bundled(workplace, GONE))
    assert (code, "other rows were purged than those that were sealed" in said) == (FAILS, True)


def test_no_row_of_a_purged_list_is_proven_and_its_entries_still_are(workplace, ends):
    with pytest.raises(QuestionInvalid, match="at the end of their term"):
        prove_row(workplace, GONE, 1)
    with pytest.raises(QuestionInvalid, match="at the end of their term"):
        prove_person(workplace, GONE, Question(SOURCE, "1001"), **ASKED)
    with workplace.store.reading() as connection:
        positions = connection.execute(select(ledger.c.position).where(ledger.c.event == "evidence:purged")).scalars()
        for position in list(positions):
            assert ends(json.dumps(prove_entry(workplace, position)).encode()) == HOLDS
