"""The register of Jobcentres: each sector has one office."""

from pathlib import Path

import pytest

from gateway.agreements.jobcentres import load_jobcentres
from gateway.errors import JobcentresInvalid

GOOD = """
offices:
  - {id: cambridge, name: Cambridge, serves: [CB1, CB22 3]}
  - {id: ely, name: Ely, serves: [CB22 4]}
"""


def test_an_outward_code_is_all_its_sectors():
    register = load_jobcentres(GOOD.encode(), "j.yaml")
    offices = register.office_of_sector()
    assert register.office_ids == {"cambridge", "ely"}
    assert len(offices) == 12
    assert (offices["CB1 0"], offices["CB1 9"], offices["CB22 3"], offices["CB22 4"]) == (*["cambridge"] * 3, "ely")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("CB22 4", "CB22 3", "`offices[2].serves` has the sector CB22 3, which is served already (line 3)"),
        ("CB22 4", "CB1", "which is served already"),
        ("[CB1, CB22 3]", "[CB1, CB1 3]", "has the sector CB1 3, which is served already (line 3)"),
        ("CB22 4", "CB22 4AB", "must be an outward code"),
        ("CB22 4", "cb22 4", "must be an outward code"),
        ("CB22 4", "", "has no value"),
        ("id: ely", "id: cambridge", "has two offices with one id"),
        ("id: ely", "id: Ely", "must be lower-case words"),
        ("name: Ely", "nom: Ely", "this key is not known"),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, fault):
    text = GOOD.replace(old, new or "''")
    assert text != GOOD
    with pytest.raises(JobcentresInvalid) as refused:
        load_jobcentres(text.encode(), "j.yaml")
    assert fault in str(refused.value)


def test_a_file_that_is_no_document_is_refused():
    with pytest.raises(JobcentresInvalid, match=r"j\.yaml:1:1: the document is empty"):
        load_jobcentres(b"", "j.yaml")


def test_what_is_shipped_is_whole():
    path = Path("config/jobcentres.yaml")
    register = load_jobcentres(path.read_bytes(), path.name)
    assert {"cambridge", "ely", "huntingdon", "wisbech", "peterborough"} == register.office_ids
    assert len(register.document_hash) == 64
