"""Law L6, F19: agreements that lie, one lie each, are refused where they lie and never quoted."""

import re
import time
from pathlib import Path

import pytest

from gateway.agreements.document import Surroundings, load_agreement, parse_agreement
from gateway.agreements.frameworks import load_framework
from gateway.agreements.jobcentres import load_jobcentres
from gateway.errors import AgreementMalformed

VECTORS = sorted(Path("tests/vectors/agreements").glob("*.yaml"))
LIES = [path for path in VECTORS if path.name != "good.yaml"]


@pytest.fixture(scope="module")
def surroundings() -> Surroundings:
    frameworks = [load_framework(path.read_bytes(), path.name) for path in Path("config/frameworks").glob("*.yaml")]
    register = load_jobcentres(Path("config/jobcentres.yaml").read_bytes(), "jobcentres.yaml")
    return Surroundings(
        {framework.framework_id: framework for framework in frameworks},
        frozenset({"invented-recipient"}),
        register.office_ids,
    )


def expected(path: Path) -> str:
    first = path.read_text().split("\n", 1)[0]
    assert first.startswith("# expect: ")
    return first.removeprefix("# expect: ")


def test_the_agreement_that_the_lies_are_made_of_has_no_fault(surroundings):
    path = Path("tests/vectors/agreements/good.yaml")
    agreement, faults = parse_agreement(path.read_bytes(), path.name, surroundings)
    assert faults == ()
    assert agreement is not None
    assert agreement.agreement_id == "invented-agreement"


@pytest.mark.parametrize("path", LIES, ids=lambda path: path.stem)
def test_a_lie_is_refused_with_its_place(path, surroundings):
    agreement, faults = parse_agreement(path.read_bytes(), path.name, surroundings)
    assert agreement is None
    assert any(expected(path) in fault.sentence for fault in faults), [str(fault) for fault in faults]
    for fault in faults:
        assert re.fullmatch(rf"{re.escape(path.name)}:[0-9]+:[0-9]+: .+", str(fault))


@pytest.mark.parametrize("path", LIES, ids=lambda path: path.stem)
def test_one_lie_raises_no_alarm_about_anything_else(path, surroundings):
    """A wrong value is a placeholder, and what is judged with it would only mislead."""
    _, faults = parse_agreement(path.read_bytes(), path.name, surroundings)
    assert len({fault.place.line for fault in faults}) <= 2, [str(fault) for fault in faults]


def test_all_faults_of_a_file_come_at_once_and_in_its_order():
    data = Path("tests/vectors/agreements/good.yaml").read_text()
    data = data.replace("version: 1", "version: one").replace("mode: full_list", "mode: none")
    data = data.replace("empty_list: withhold\n", "")
    with pytest.raises(AgreementMalformed) as refused:
        load_agreement(data.encode(), "wrong.yaml")
    lines = str(refused.value).splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == [
        "`empty_list` is missing",
        "`version` must be a whole number from 1 to 9999",
        "`mode` must be one of full_list, delta, match_first",
    ]


def test_L8_no_fault_quotes_what_the_document_says():
    canary = "Zebedee Quill QQ123456C"
    text = Path("tests/vectors/agreements/good.yaml").read_text()
    for number, line in enumerate(text.split("\n")):
        key, colon, _ = line.partition(": ")
        if not colon or "{" in line or "[" in line:
            continue
        changed = text.split("\n")
        changed[number] = f'{key}: "{canary}\\n= {canary}"'
        changed.append(f"{canary}: {canary}")
        _, faults = parse_agreement("\n".join(changed).encode(), "canary.yaml")
        assert faults
        assert not any(word in str(fault) for fault in faults for word in canary.split())


def test_an_oversize_agreement_is_refused_before_it_is_judged():
    data = Path("tests/vectors/agreements/good.yaml").read_bytes() + b"# " + b"x" * 70_000
    _, faults = parse_agreement(data, "large.yaml")
    assert [fault.sentence for fault in faults] == ["an agreement is larger than 64 KiB"]


@pytest.mark.parametrize("piece", ["select ", "a.", "update ", "0:", "-", "a@", "../", "{{", " ~", "<"])
def test_no_text_takes_long_to_judge(piece):
    """The patterns run over what somebody else wrote."""
    text = Path("tests/vectors/agreements/good.yaml").read_text()
    long = "".join(f'  - "x{piece * (1990 // len(piece))}"\n' for _ in range(30))
    data = text.replace("contacts: [Information governance team]", "contacts:\n" + long).encode()
    started = time.monotonic()
    parse_agreement(data, "slow.yaml")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", sorted(Path("agreements").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_agreements_that_are_shipped_have_no_fault(path, surroundings):
    around = Surroundings(
        surroundings.frameworks, frozenset({"dwp-jobcentre-plus", "fenland-housing-options"}), surroundings.offices
    )
    agreement, faults = parse_agreement(path.read_bytes(), path.name, around)
    assert faults == ()
    assert agreement is not None
    assert agreement.agreement_id == path.stem
