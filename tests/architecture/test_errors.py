"""The error tree: every code is unique, drawn in the docstring, and has a way out."""

import inspect

from gateway import errors


def classes(base=errors.GatewayError):
    return [base] + [below for child in base.__subclasses__() for below in classes(child)]


def test_every_code_is_unique():
    codes = [kind.code for kind in classes()]
    assert len(codes) == len(set(codes))


def test_every_class_is_drawn_in_the_modules_tree():
    drawing = inspect.getdoc(errors)
    missing = [
        kind.__name__ for kind in classes() if kind.__module__ == "gateway.errors" and kind.__name__ not in drawing
    ]
    assert missing == []


def test_every_refusal_says_what_to_do_next():
    assert all(kind("x").advice().endswith((".", "`")) or ":" in kind("x").advice() for kind in classes())


def test_an_instance_may_carry_a_better_way_out():
    assert errors.StoreBusy("held", advice="Wait.").advice() == "Wait."
