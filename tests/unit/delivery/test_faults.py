"""What a failure of the SFTP client means depends on the step that it came in, and never repeats the server's words."""

import pytest

from gateway.delivery.faults import SESSION_OVER, SFTP_FAULTS, Step, meaning_of
from gateway.delivery.sftp_link import PeerConfused, PeerGone, PeerMalformed, PeerStalled, StatusRefused
from gateway.delivery.sftp_packets import Kind, Status
from gateway.errors import ConnectionFailed, OutcomeUnknown, ProtocolViolated, TransferInterrupted, TransferRefused

BEFORE_A_BYTE = {Step.START, Step.LOOK, Step.OPEN, Step.COLLECT}
FOR_GOOD = {Status.NO_SUCH_FILE, Status.PERMISSION_DENIED, Status.BAD_MESSAGE, Status.OP_UNSUPPORTED}
BROKEN_OFF = [PeerGone("gone"), PeerStalled("stalled"), PeerConfused("confused")]


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OK])
def test_a_refusal_is_for_good_only_while_nothing_of_ours_is_half_done(step, status):
    """Row 14 to 16, and 21 to 25: disks fill and empty again; nothing is published by a refusal."""
    for_good = status in FOR_GOOD and step in BEFORE_A_BYTE | {Step.PUBLISH}
    found = meaning_of(StatusRefused(Kind.OPEN, status), step)
    assert type(found) is (TransferRefused if for_good else TransferInterrupted)
    assert found.retryable is not for_good


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("fault", BROKEN_OFF, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("cut_because", [None, "idle", "deadline"])
def test_a_session_that_breaks_off_is_transient_and_after_the_question_to_publish_unknown(step, fault, cut_because):
    expected = {Step.PUBLISH: OutcomeUnknown, Step.START: ConnectionFailed}.get(step, TransferInterrupted)
    found = meaning_of(fault, step, cut_because=cut_because)
    assert type(found) is expected
    assert found.retryable
    assert ("nothing moved for too long" in str(found)) is (cut_because is not None)


@pytest.mark.parametrize("step", Step)
def test_a_malformed_packet_is_a_matter_of_security_but_for_a_greeting_at_the_start(step):
    found = meaning_of(PeerMalformed("oversize"), step)
    assert type(found) is (TransferRefused if step is Step.START else ProtocolViolated)
    assert not found.retryable


def test_what_ends_a_session_is_all_but_a_clear_refusal():
    assert set(SFTP_FAULTS) - set(SESSION_OVER) == {StatusRefused}
