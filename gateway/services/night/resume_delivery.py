"""Go on with deliveries by hand: what is sealed or was interrupted, or the very lists that a person names.

A list whose delivery time is over is sent only by name. The people on it are those of its own night: after a week they
are not the people of today, so that somebody has to mean this list. What cannot be proved is never sent again blindly;
that, and the last look, are deliver_lists.py's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from gateway.delivery.plan import OPEN
from gateway.errors import NotDeliverable
from gateway.model.officers import Action
from gateway.services.delivery.deliver_lists import Delivered, deliver
from gateway.services.planning.plan_night import plan_night
from gateway.services.workplace import Workplace
from gateway.store.lists import KeptList, lists_in


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of each list, and the references of those that wait to be named."""

    delivered: tuple[Delivered, ...]
    late: tuple[str, ...]


def resume_delivery(workplace: Workplace, references: Collection[str], *, load_at: time) -> Resumed:
    """Deliver the lists named, or all whose time is not over. Raises NotDeliverable for one that does not wait."""
    workplace.actor.require(Action.DELIVER)
    with workplace.store.reading() as connection:
        waiting = {kept.reference: kept for kept in lists_in(connection, *OPEN)}
    unknown = sorted(set(references) - set(waiting))
    if unknown:
        raise NotDeliverable(f"{', '.join(unknown)}: no list of this name waits to be delivered")
    late = () if references else _late(workplace, waiting, load_at)
    wanted = set(references or waiting) - set(late)
    return Resumed(tuple(deliver(workplace, [waiting[reference].list_id for reference in wanted])), late)


def _late(workplace: Workplace, waiting: dict[str, KeptList], load_at: time) -> tuple[str, ...]:
    overdue = plan_night(workplace, load_at=load_at).overdue()
    return tuple(sorted(reference for reference, kept in waiting.items() if kept.list_id in overdue))
