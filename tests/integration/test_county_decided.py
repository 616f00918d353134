"""An invented county, loaded and decided: each person who was put in on purpose is decided as they should be.

The extracts go through the shipped mappings, the matching and the suppression, and are judged under the shipped
agreement with Jobcentre Plus: nothing here knows how any of them works.
"""

import secrets
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from gateway.model.keys import IndexKey
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.invented_county import AS_AGREED, INCLUDED
from gateway.selection.decide import decision_select
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.sources.load_sources import load_sources
from gateway.store.tables import person_records
from tests.bare_workplace import a_bare_workplace

AGREEMENT = "jobcentre-plus-supporting-families"


@pytest.fixture(params=[1, 2, 3])
def decided(request, sqlite_store, clock, everyone, tmp_path) -> tuple[CountyFacts, dict[tuple[str, str], str]]:
    """A loaded county, and what was decided of each source's record on the night after."""
    key = IndexKey((secrets.token_bytes(32),))
    workplace = a_bare_workplace(
        sqlite_store,
        clock,
        everyone,
        tmp_path,
        draw=secrets.token_bytes,
        keys=SimpleNamespace(index_key=lambda: key),
        partners=dict.fromkeys(("dwp-jobcentre-plus", "fenland-housing-options")),
    )
    folders = replace(workplace.folders, mappings=Path("config/sources"), agreements=Path("agreements"))
    workplace = replace(workplace, folders=folders)
    facts = invent_county(folders.sources, seed=request.param, families=500, as_at=clock.today())
    loaded = load_sources(workplace)
    shelf = Shelf.of(workplace)
    agreement, _ = shelf.agreement(AGREEMENT)
    statement = decision_select(
        agreement,
        shelf.framework(agreement.cohort.framework),
        snapshot_id=loaded.snapshot.snapshot_id,
        day=date(2026, 11, 23),
    )
    with sqlite_store.reading() as connection:
        reasons = {row.person_key: row.reason or INCLUDED for row in connection.execute(statement)}
        records = connection.execute(select(person_records)).all()
    return facts, {(row.source, row.source_id): reasons[row.person_key] for row in records}


def test_every_canary_is_decided_as_it_should_be(decided):
    facts, decisions = decided
    wrong = {
        canary.name: decisions.get((canary.source, canary.source_id))
        for canary in facts.canaries
        if canary.expected not in {AS_AGREED, decisions.get((canary.source, canary.source_id))}
    }
    assert wrong == {}


def test_a_night_selects_about_a_third_of_everybody(decided):
    """So that a demonstration shows a list that is neither empty nor everyone."""
    _, decisions = decided
    shares = Counter(decisions.values())
    assert 0.25 < shares[INCLUDED] / shares.total() < 0.45
