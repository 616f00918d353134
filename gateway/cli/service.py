"""`gateway service`: the nightly service, until it is asked to stop.

Each step opens its own workplace, so that a partner's file, an agreement or a setting that changed is seen at once,
and a database that went away is found again. What outlasts a step are sessions with partners, opened while their lists
are made, until the tick has delivered.
"""

from collections.abc import Callable, Sequence
from datetime import date, time
from pathlib import Path
from typing import TypeVar

import click

from gateway import __version__, logs
from gateway.bootstrap import workplace_of
from gateway.cli.alerting import hook_of
from gateway.cli.opening import operators_log, remove_old_log
from gateway.clock import SystemClock
from gateway.scheduler import NightServices, run_service
from gateway.services.complaints.handle_complaints import remove_old_notes
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure.run_disclosures import Ended, run_each
from gateway.services.night import night_steps
from gateway.services.planning import heartbeat
from gateway.services.planning.night_plan import NightPlan
from gateway.services.planning.plan_night import plan_night
from gateway.services.receipts.collect_nightly import collect_nightly
from gateway.services.reconciliation.clear_uploaded import clear_uploaded
from gateway.services.reconciliation.collect_claimants import collect_claimants_nightly
from gateway.services.reconciliation.search_cohort import search_waiting
from gateway.services.reconciliation.watch_folders import clear_folders
from gateway.services.retention.run_retention import run_retention
from gateway.services.sources.load_sources import load_sources
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings

T = TypeVar("T")


@click.command("service")
@click.pass_obj
def command(config: Path | None) -> None:
    """Run the nightly service until SIGTERM or Ctrl-C."""
    settings = read_settings(config)
    with operators_log(settings):
        night = services_of(settings)
        within = _within(settings)
        run_service(
            night,
            started=lambda: within(lambda workplace: heartbeat.enter_started(workplace, __version__)),
            ended=lambda: within(heartbeat.enter_stopped),
        )


def services_of(settings: Settings) -> NightServices:
    """Bind a night's steps to the settings."""
    within = _within(settings)
    hook = hook_of(settings)
    ahead = SessionsAhead()
    morning = time.fromisoformat(settings.alerts.morning_message_at)

    def tell(plan: NightPlan | None, failed: Sequence[tuple[str, str]]) -> object:
        return within(lambda w: night_steps.tell(w, plan, failed, hook=hook, morning_at=morning))

    def tidy(workplace: Workplace) -> None:
        remove_old_log(settings)
        remove_old_notes(workplace)
        run_retention(workplace)
        clear_uploaded(workplace)
        clear_folders(workplace)
        search_waiting(workplace)

    def run(due: Sequence[tuple[str, date]], stopping: Callable[[], bool]) -> Sequence[Ended]:
        return within(lambda w: run_each(w, due, stopping, ahead=ahead))

    return NightServices(
        clock=SystemClock(),
        record=logs.record,
        live=lambda: within(heartbeat.live),
        load_if_due=lambda: within(
            lambda w: night_steps.load_if_due(w, lambda: load_sources(w), load_at=settings.load_at)
        ),
        plan=lambda: within(lambda w: plan_night(w, load_at=settings.load_at)),
        run=run,
        deliver=lambda lists: within(lambda w: deliver(w, lists, ahead=ahead)),
        collect_if_due=lambda: within(lambda w: night_steps.collect_if_due(w, lambda: collect_nightly(w))),
        tidy_if_due=lambda: within(lambda w: night_steps.tidy_if_due(w, lambda: tidy(w))),
        alert=tell,
        take_if_due=lambda: within(lambda w: night_steps.take_if_due(w, lambda: collect_claimants_nightly(w))),
        let_go=ahead.close,
    )


def _within(settings: Settings) -> Callable[[Callable[[Workplace], T]], T]:
    def within(step: Callable[[Workplace], T]) -> T:
        with workplace_of(settings) as workplace:
            return step(workplace)

    return within
