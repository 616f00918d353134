#!/usr/bin/env python3
"""The gateway as the service runs it: started long ago, asked to run what is due and to deliver it.

It is told what to do line by line, and answers each with one line of JSON: `ready` opens the database, `go` makes and
delivers the list and says how long that took, `away` lets go of the database, so that the next round gets a new one.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from gateway import bootstrap
from gateway.model.time import london_day
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.run_disclosures import Refused, run_disclosures
from gateway.services.workplace import Workplace
from gateway.settings import read_settings
from gateway.store.lists import lists_in


def main(settings_file: str, agreement: str) -> None:
    """Answer until there is no more line."""
    with bootstrap.workplace_of(read_settings(Path(settings_file))) as workplace:
        for line in sys.stdin:
            print(json.dumps(_answer(workplace, agreement, line.strip())), flush=True)


def _answer(workplace: Workplace, agreement: str, word: str) -> dict[str, object]:
    if word == "away":
        workplace.store.close()
        return {}
    if word == "ready":
        with workplace.store.reading() as connection:
            return {"lists": len(lists_in(connection))}
    began = time.monotonic()
    with SessionsAhead() as ahead:
        ran = run_disclosures(workplace, [(agreement, london_day(workplace.clock.now()))], ahead=ahead)
        sealed = time.monotonic()
        if any(isinstance(each, Refused) for each in ran):
            return {"refused": [str(each) for each in ran]}
        made = [each.list_id for each in ran if not isinstance(each, Refused)]
        delivered = deliver(workplace, made, ahead=ahead)
    ended = time.monotonic()
    return {"seconds": ended - began, "sealed": sealed - began, "states": [each.state.value for each in delivered]}


if __name__ == "__main__":
    main(*sys.argv[1:])
