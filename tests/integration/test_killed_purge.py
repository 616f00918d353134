"""A process that ends in the middle of a purge leaves everything as it was: rows, triggers and log."""

import json
import subprocess
import sys

from gateway.model.time import as_text
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.retention.run_retention import purge_evidence
from tests.bare_workplace import a_bare_workplace
from tests.killed_purge import MOMENTS
from tests.lists_made import some_subjects
from tests.resting_lists import AT_TERM, FIRST, SECOND, keep_terms, two_lists


class OnlyTheLog:
    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer


def test_L7_a_purge_that_is_killed_has_purged_nothing(store, clock, everyone, signer, tmp_path, monkeypatch):
    people = some_subjects(5)
    keep_terms(store, everyone, monkeypatch)
    first, _ = two_lists(store, everyone, people[:3], people[3:])
    clock.instant = AT_TERM
    told = {
        "dialect": store.engine.dialect.name,
        "url": store.engine.url.render_as_string(hide_password=False),
        "origin": signer.name,
        "key": signer._key.private_bytes_raw().hex(),
        "at": as_text(AT_TERM),
        "list_id": first,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed_purge"], input=json.dumps(told), capture_output=True, text=True, check=True
    )
    answers = json.loads(done.stdout)
    county = a_bare_workplace(store, clock, everyone, tmp_path, keys=OnlyTheLog(signer))
    before = answers[0][2]
    assert [moment for moment, _, _ in answers] == list(MOMENTS[store.engine.dialect.name])
    assert all(ended for _, ended, _ in answers), answers
    assert all(left == before for _, _, left in answers), answers
    assert before[:3] == [5, 2, 0]
    assert audit_verify(county).findings == ()
    assert [each.reference for each in purge_evidence(county, "IG-2033-1").gone] == [FIRST, SECOND]
    assert audit_verify(county).findings == ()
