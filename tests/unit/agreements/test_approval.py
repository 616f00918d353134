"""Who may approve, and what is enough: two people, two roles, exactly these bytes (law L6)."""

import base64
from datetime import date
from pathlib import Path

import pytest

from gateway.agreements.approval import Approval, approvals_that_count, is_enough, verify_approval
from gateway.agreements.approvers import ApproverRole, read_approvers
from gateway.errors import ApprovalInvalid
from gateway.ledger.kinds import FINGERPRINT, PRINCIPAL
from gateway.model.officers import Role
from tests.officers_signing import Officer, an_officer, approvers_file

MESSAGE = b'{"form":"policy-statement/1"}'
TODAY = date(2026, 11, 22)


def test_an_approvers_file_names_people_their_keys_and_roles(owner, governor):
    data = b"# who may approve\n\n" + approvers_file(owner, governor).replace(b"\n", b"\r\n")
    read = read_approvers(data, "approvers")
    assert [(one.principal, one.role) for one in read.approvers] == [
        ("rowan.ashby", ApproverRole.APPROVER),
        ("sam.okoro", ApproverRole.IG_OFFICER),
    ]
    assert all(PRINCIPAL(one.principal) and FINGERPRINT(one.fingerprint) for one in read.approvers)


def test_the_ledger_knows_every_role_of_an_approver():
    assert set(ApproverRole) <= set(Role)


def test_the_template_that_is_shipped_names_nobody_yet():
    data = Path("config/approvers").read_bytes()
    assert read_approvers(data, "approvers").approvers == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda line: line.replace(' namespaces="agreement@gateway"', ""), "a line must be"),
        (lambda line: line.replace("agreement@gateway", "*"), "a line must be"),
        (lambda line: line.replace("rowan.ashby", "*"), "a line must be"),
        (lambda line: line.replace("rowan.ashby", "rowan.ashby,sam"), "a line must be"),
        (lambda line: line.replace(" namespaces", " cert-authority,namespaces"), "a line must be"),
        (lambda line: line.replace(" role=approver", ""), "a line must be"),
        (lambda line: line + " role=ig_officer", "a line must be"),
        (lambda line: line.replace("role=approver", "role=operator"), "the role must be one of approver, ig_officer"),
        (lambda line: line.replace('gateway"', 'gateway",valid-before="20270230"'), "must be a day that exists"),
        (lambda line: line.replace("ssh-ed25519", "ssh-rsa"), "not of the kind that its line says"),
        (lambda line: line.replace("ssh-ed25519 AAAA", "ssh-ed25519 A"), "the key is damaged"),
        (lambda line: line.replace("ssh-ed25519 AAAA", "ssh-ed25519 AAAAAAAA"), "kind of key is not accepted"),
    ],
)
def test_a_line_that_could_be_read_in_another_way_is_refused(owner, change, sentence):
    with pytest.raises(ApprovalInvalid, match=sentence) as refused:
        read_approvers(b"# first\n" + change(owner.line()).encode() + b"\n", "approvers")
    assert str(refused.value).startswith("approvers:2:1: ")


def test_a_file_that_is_no_plain_text_is_refused(owner):
    with pytest.raises(ApprovalInvalid, match="not plain ASCII"):
        read_approvers(owner.line().encode("utf-16"), "approvers")
    with pytest.raises(ApprovalInvalid, match="larger than 64 KiB"):
        read_approvers(b"#" * 70_000, "approvers")


def test_one_key_is_one_persons_and_one_person_has_one_role(owner):
    shared = Officer("somebody.else", "ig_officer", owner.key)
    with pytest.raises(ApprovalInvalid, match="a key stands on two lines"):
        read_approvers(approvers_file(owner, shared), "approvers")


def test_a_person_with_two_keys_has_one_role(owner, keys):
    second = an_officer(keys, owner.principal, "ig_officer")
    with pytest.raises(ApprovalInvalid, match="one principal stands in two roles"):
        read_approvers(approvers_file(owner, second), "approvers")


def test_a_signature_says_who_approved(owner, governor):
    approvers = read_approvers(approvers_file(owner, governor), "approvers")
    approval = verify_approval(governor.sign(MESSAGE), MESSAGE, approvers, TODAY)
    assert (approval.principal, approval.role) == ("sam.okoro", ApproverRole.IG_OFFICER)


def test_a_stranger_approves_nothing(owner, governor):
    approvers = read_approvers(approvers_file(owner), "approvers")
    with pytest.raises(ApprovalInvalid, match="is not in config/approvers"):
        verify_approval(governor.sign(MESSAGE), MESSAGE, approvers)


def test_a_signature_over_other_bytes_approves_nothing(owner):
    approvers = read_approvers(approvers_file(owner), "approvers")
    with pytest.raises(ApprovalInvalid, match="does not fit these bytes") as refused:
        verify_approval(owner.sign(b"something else"), MESSAGE, approvers)
    assert "agreements/README.md" in refused.value.advice()


def test_a_retired_key_approves_nothing_new_and_what_it_approved_stays(owner):
    data = (owner.line(',valid-before="20261122"') + "\n").encode()
    approvers = read_approvers(data, "approvers")
    signature = owner.sign(MESSAGE)
    with pytest.raises(ApprovalInvalid, match="approves nothing new since 2026-11-22"):
        verify_approval(signature, MESSAGE, approvers, TODAY)
    assert verify_approval(signature, MESSAGE, approvers, date(2026, 11, 21)).principal == owner.principal
    assert verify_approval(signature, MESSAGE, approvers).principal == owner.principal


def test_two_people_in_two_roles_are_enough(owner, governor):
    approvers = read_approvers(approvers_file(owner, governor), "approvers")
    signatures = [owner.sign(MESSAGE), governor.sign(MESSAGE)]
    assert not is_enough(approvals_that_count(signatures[:1], MESSAGE, approvers))
    assert is_enough(approvals_that_count(signatures, MESSAGE, approvers))


def test_two_keys_of_one_person_are_one_approval(owner, keys):
    second = an_officer(keys, owner.principal, owner.role, ("-t", "ecdsa"))
    approvers = read_approvers(approvers_file(owner, second), "approvers")
    counted = approvals_that_count([owner.sign(MESSAGE), second.sign(MESSAGE)], MESSAGE, approvers)
    assert [approval.principal for approval in counted] == [owner.principal]
    assert not is_enough(counted)


def test_two_people_in_one_role_are_not_enough(owner, keys):
    colleague = an_officer(keys, "kim.lowe", "approver")
    approvers = read_approvers(approvers_file(owner, colleague), "approvers")
    counted = approvals_that_count([owner.sign(MESSAGE), colleague.sign(MESSAGE)], MESSAGE, approvers)
    assert len(counted) == 2
    assert not is_enough(counted)


def test_one_person_in_two_roles_is_not_enough():
    """No approvers file can say so; the rule holds without it."""
    both = [Approval("rowan.ashby", role, "SHA256:x") for role in ApproverRole]
    assert not is_enough(both)


def test_what_does_not_verify_does_not_count(owner, governor):
    approvers = read_approvers(approvers_file(owner), "approvers")
    signatures = [b"nonsense", governor.sign(MESSAGE), owner.sign(b"other"), owner.sign(MESSAGE)]
    assert [one.principal for one in approvals_that_count(signatures, MESSAGE, approvers)] == [owner.principal]


def test_openssh_reads_the_approvers_file_as_we_do(owner, governor, tmp_path):
    import subprocess

    path = tmp_path / "approvers"
    path.write_bytes(approvers_file(owner, governor))
    (tmp_path / "s.sig").write_bytes(owner.sign(MESSAGE))
    command = ["ssh-keygen", "-Y", "verify", "-f", str(path), "-n", "agreement@gateway", "-s", str(tmp_path / "s.sig")]
    for principal, expected in ((owner.principal, 0), (governor.principal, 255)):
        done = subprocess.run([*command, "-I", principal], input=MESSAGE, capture_output=True, check=False)
        assert done.returncode == expected, done.stderr
    key = base64.b64decode(owner.public.split()[1])
    found = read_approvers(path.read_bytes(), "approvers").owner_of(key)
    assert found is not None
    assert found.principal == owner.principal
