"""What an SFTP failure means for a package, by the step in which it came.

- Before a byte is written, a clear refusal is for good: somebody has to mend it.
- Once bytes were written, a refusal is transient: disks fill and empty again; nothing is published by it.
- Once the server was asked to publish, only an answer settles what happened.
- A malformed or oversize packet is never an accident; only at the very start it is more often a log-in script that
  prints a greeting.

Pure. No words of the server are repeated: they may hold anything.
"""

from enum import StrEnum

from gateway.delivery.sftp_link import PeerConfused, PeerGone, PeerMalformed, PeerStalled, StatusRefused
from gateway.delivery.sftp_packets import Status
from gateway.errors import (
    ConnectionFailed,
    DeliveryError,
    OutcomeUnknown,
    ProtocolViolated,
    TransferInterrupted,
    TransferRefused,
)

#: Everything that the SFTP client raises.
SFTP_FAULTS = (StatusRefused, PeerGone, PeerStalled, PeerConfused, PeerMalformed)
#: Those after which the session is of no more use.
SESSION_OVER = (PeerGone, PeerStalled, PeerConfused, PeerMalformed)


class Step(StrEnum):
    """What was under way."""

    START = "starting the session"
    LOOK = "looking"
    OPEN = "opening the file"
    WRITE = "writing"
    CHECK = "checking what was written"
    CLOSE = "closing the file"
    PUBLISH = "publishing"
    COLLECT = "collecting"


_BEFORE_A_BYTE = frozenset({Step.START, Step.LOOK, Step.OPEN, Step.COLLECT})
_FOR_GOOD = {
    Status.NO_SUCH_FILE: "there is no such folder or file",
    Status.PERMISSION_DENIED: "permission is denied",
    Status.BAD_MESSAGE: "the name is not accepted",
    Status.OP_UNSUPPORTED: "the operation is not offered",
}


def meaning_of(fault: Exception, step: Step, *, cut_because: str | None = None) -> DeliveryError:
    """Return our error for a fault of the SFTP client; `cut_because` is what the watchdog says."""
    if isinstance(fault, PeerMalformed) and step is Step.START:
        return TransferRefused("the server answers with something that is not SFTP, a greeting perhaps")
    if isinstance(fault, PeerMalformed):
        return ProtocolViolated(f"the server broke the protocol while {step}: {fault}")
    if isinstance(fault, StatusRefused):
        return _refusal(fault, step)
    why = "nothing moved for too long" if cut_because else str(fault)
    if step is Step.PUBLISH:
        return OutcomeUnknown(f"whether the server published the file is not known: {why}")
    if step is Step.START:
        return ConnectionFailed(f"the connection failed while {step}: {why}")
    return TransferInterrupted(f"the transfer broke off while {step}: {why}")


def _refusal(fault: StatusRefused, step: Step) -> DeliveryError:
    for_good = _FOR_GOOD.get(fault.status)
    if for_good and (step in _BEFORE_A_BYTE or step is Step.PUBLISH):
        return TransferRefused(f"the server refused while {step}: {for_good}")
    return TransferInterrupted(f"the server reported {fault.status.name} while {step}")
