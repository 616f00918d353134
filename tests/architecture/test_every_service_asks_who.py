"""Every service that a face calls asks first whether the actor may (design.md section 1)."""

import ast
import itertools
from pathlib import Path

import pytest

from gateway.model.officers import Action

GATEWAY = Path(__file__).resolve().parents[2] / "gateway"
FACES = (*sorted((GATEWAY / "cli").glob("*.py")), GATEWAY / "scheduler.py", GATEWAY / "bootstrap.py")
#: Called by a face only within an answer that was asked for already, or by the service about itself.
ASKED_ELSEWHERE = {
    "partner_named": "reads configuration, and its callers ask",
    "live": "the service's own sign of life",
    "load_if_due": "binds load_sources, which asks",
    "collect_if_due": "binds collect_receipts, which asks",
    "take_if_due": "binds collect_claimants, which asks",
    "tidy_if_due": "binds what removes, which asks",
    "tell": "binds raise_alerts, which asks",
    "made_by": "names the county and the time on an answer that was asked for already",
}


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def takes_a_workplace(function):
    return bool(function.args.args) and function.args.args[0].arg == "workplace"


def services():
    """Every public function of services/ that takes a workplace, by name."""
    found = {}
    for path in sorted((GATEWAY / "services").rglob("*.py")):
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and takes_a_workplace(node):
                found[node.name] = (path, node)
    return found


def names_used_by_faces():
    names = itertools.chain.from_iterable(ast.walk(parsed(path)) for path in FACES)
    return {getattr(node, "id", None) or getattr(node, "attr", None) for node in names}


def asks(function, known, depth=0):
    """Say whether a function requires an action itself, or passes its workplace to one of its module that does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "require":
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and depth < 2:
            callee = known.get(node.func.id)
            if callee is not None and asks(callee, known, depth + 1):
                return True
    return False


CALLED = sorted(set(services()) & names_used_by_faces() - set(ASKED_ELSEWHERE))


@pytest.mark.parametrize("name", CALLED)
def test_a_service_requires_an_action_of_its_actor(name):
    module, function = services()[name]
    beside = {node.name: node for node in parsed(module).body if isinstance(node, ast.FunctionDef)}
    assert asks(function, beside), f"{module.relative_to(GATEWAY)}: {name} never asks whether the actor may"


def test_the_services_that_change_or_read_are_all_there():
    """A face that stopped naming its services would leave the test above with nothing to hold."""
    assert {"load_sources", "run_disclosures", "release_list", "deliver", "audit_person", "place_hold"} <= set(CALLED)


def test_every_action_of_the_table_is_required_somewhere():
    source = "".join(path.read_text(encoding="utf-8") for path in GATEWAY.rglob("*.py"))
    missing = [action.name for action in Action if source.count(f"Action.{action.name}") < 2]
    assert missing == []
