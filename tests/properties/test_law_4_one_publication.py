"""Law L4: whatever the network, the desk and crashes do, a list is published at most once and never resent blindly.

A model of the server and of the database, driven by the real planner. Between any two acts the process may die, the
answer to a rename may be lost, and the desk may take what is in its inbox.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.delivery.interface import Match, Shown
from gateway.delivery.plan import Step, next_step
from gateway.model.delivery import MOVES, ListState

S = ListState


class Deliveries(RuleBasedStateMachine):
    """One list, one server. `published` counts what ever came into view; only the desk takes it away."""

    @initialize()
    def sealed(self):
        self.state = S.SEALED
        self.staged = self.final = self.other = False
        self.rename_under_way = False
        self.published = 0

    def move(self, to):
        assert to in MOVES[self.state]
        self.state = to

    def shown(self) -> Shown:
        final = Match.OTHER if self.other else Match.SAME if self.final else Match.ABSENT
        return Shown(final, staged=self.staged)

    @rule(dies_after=st.integers(0, 8), answer_is_lost=st.booleans(), late=st.booleans())
    def deliver(self, dies_after, answer_is_lost, late):
        """One try: so many acts, then the process is gone."""
        acts = self.acts(answer_is_lost, late)
        for _ in range(dies_after):
            if next(acts, None) is None:
                return

    def acts(self, answer_is_lost, late):
        step = next_step(self.state, self.shown())
        yield "compared"
        match step:
            case Step.SEND:
                yield from self.send(answer_is_lost, late)
            case Step.PUBLISH if self.staged:
                yield from self.send(answer_is_lost, late)
            case Step.RECORD:
                yield from self.record()
            case Step.CONFLICT:
                self.move(S.FAILED)
                yield "failed"
            case Step.DECLARE_UNCERTAIN:
                self.move(S.UNCERTAIN)
                yield "uncertain"

    def send(self, answer_is_lost, late):
        if self.state is S.SEALED:
            self.move(S.SENDING)
            yield "sending"
        self.staged = True
        yield "staged"
        if self.state is S.SENDING:
            self.move(S.UPLOADED)
            yield "uploaded"
        if answer_is_lost and late:
            self.rename_under_way = True
        renamed = self.rename() if not self.rename_under_way else False
        yield "renamed"
        if renamed and not answer_is_lost:
            yield from self.record()
        elif answer_is_lost and self.state is S.UPLOADED:
            self.move(S.UNCERTAIN)
            yield "uncertain"

    def record(self):
        if self.state is S.SEALED:
            self.move(S.SENDING)
            yield "sending"
        self.move(S.VERIFIED)
        yield "verified"

    def rename(self) -> bool:
        if not self.staged or self.final or self.other:
            return False
        self.staged, self.final = False, True
        self.published += 1
        return True

    @precondition(lambda self: self.rename_under_way)
    @rule()
    def the_server_renames_at_last(self):
        self.rename_under_way = False
        self.rename()

    @precondition(lambda self: self.final)
    @rule()
    def the_desk_takes_it(self):
        self.final = False

    @precondition(lambda self: not self.final and not self.published)
    @rule()
    def somebody_else_takes_the_name(self):
        self.other = True

    @invariant()
    def never_twice(self):
        assert getattr(self, "published", 0) <= 1

    @invariant()
    def delivered_only_if_it_was_published(self):
        if getattr(self, "state", None) is S.VERIFIED:
            assert self.published == 1

    @invariant()
    def what_was_published_counts_as_disclosed(self):
        if getattr(self, "published", 0):
            assert self.state in {S.UPLOADED, S.UNCERTAIN, S.VERIFIED, S.SENDING, S.FAILED}
            assert self.state is not S.SEALED


Deliveries.TestCase.settings = settings(max_examples=500, stateful_step_count=20, deadline=None)
TestDeliveries = Deliveries.TestCase
