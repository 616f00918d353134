"""Classes whose methods come later are what the standard library makes of them, in everything that is asked of them."""

import copy
import dataclasses
import pickle
import re
import threading
from collections.abc import Callable
from dataclasses import FrozenInstanceError, InitVar, asdict, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

import gateway
from gateway.classes import dataclass

Maker = Callable[..., Any]
MAKERS = pytest.mark.parametrize("maker", [dataclass, dataclasses.dataclass], ids=["ours", "the library's"])


@dataclass(frozen=True, slots=True)
class Kept:
    """A class of a module, as pickling wants it."""

    name: str
    values: list[int] = field(default_factory=list, compare=False)


def place_made_by(maker: Maker) -> Any:
    """A class with each kind of field that has a plain one."""

    @maker(frozen=True, slots=True)
    class Place:
        """Somewhere."""

        kinds: ClassVar[int] = 2

        name: str
        code: str = field(repr=False)
        number: int = 7
        tags: list[str] = field(default_factory=list, compare=False)

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError(f"no place has number {self.number}")

        @property
        def title(self) -> str:
            return f"{self.name} {self.number}"

    return Place


@MAKERS
def test_an_instance_has_what_it_was_given_and_its_defaults(maker: Maker) -> None:
    place = place_made_by(maker)
    first, second = place("a", "b"), place("a", code="b", number=8, tags=["x"])
    assert [asdict(each) for each in (first, second)] == [
        {"name": "a", "code": "b", "number": 7, "tags": []},
        {"name": "a", "code": "b", "number": 8, "tags": ["x"]},
    ]
    assert first.tags is not place("a", "b").tags
    assert (first.title, place.kinds, place.__doc__) == ("a 7", 2, "Somewhere.")
    assert [each.name for each in fields(place)] == list(place.__slots__) == list(place.__match_args__)


@MAKERS
def test_an_instance_is_equal_by_what_is_compared_and_to_its_own_class_alone(maker: Maker) -> None:
    place, other = place_made_by(maker), place_made_by(maker)
    assert place("a", "b", tags=["x"]) == place("a", "b")
    assert hash(place("a", "b", tags=["x"])) == hash(place("a", "b")) == hash(("a", "b", 7))
    assert place("a", "b") != place("a", "c")
    assert place("a", "b") != other("a", "b")
    assert {place("a", "b"), place("a", "b"), place("b", "b")} == {place("a", "b"), place("b", "b")}


@MAKERS
def test_an_instance_shows_what_may_be_shown(maker: Maker) -> None:
    shown = repr(place_made_by(maker)("a", "secret"))
    assert shown == "place_made_by.<locals>.Place(name='a', number=7, tags=[])"


@MAKERS
def test_nothing_is_changed(maker: Maker) -> None:
    made = place_made_by(maker)("a", "b")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        made.name = "b"
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del made.name
    with pytest.raises((FrozenInstanceError, TypeError)):
        made.unheard_of = 1
    assert made.name == "a"


@MAKERS
def test_what_is_not_a_field_or_is_missing_is_refused_by_name(maker: Maker) -> None:
    place = place_made_by(maker)
    with pytest.raises(TypeError, match=r"Place.__init__\(\) missing 1 required positional argument: 'code'"):
        place("a")
    with pytest.raises(TypeError, match=r"Place.__init__\(\) got an unexpected keyword argument 'colour'"):
        place("a", "b", colour=1)
    with pytest.raises(ValueError, match="no place has number -1"):
        place("a", "b", -1)


@MAKERS
def test_one_is_made_of_another_with_the_same_checks(maker: Maker) -> None:
    made = place_made_by(maker)("a", "b", 3, ["x"])
    assert asdict(replace(made, name="c")) == asdict(made) | {"name": "c"}
    with pytest.raises(ValueError, match="no place has number -1"):
        replace(made, number=-1)
    assert copy.copy(made) == made == copy.deepcopy(made)


def test_an_instance_goes_through_a_pickle() -> None:
    kept = Kept("a", [1, 2])
    again = pickle.loads(pickle.dumps(kept))
    assert (again, again.values) == (kept, [1, 2])


@MAKERS
def test_who_inherits_is_made_of_all_fields_and_equal_to_its_own_class(maker: Maker) -> None:
    place = place_made_by(maker)

    @maker(frozen=True, slots=True)
    class Home(place):  # type: ignore[misc, valid-type]
        people: int = 0

    home = Home("a", "b", people=2)
    assert asdict(home) == {"name": "a", "code": "b", "number": 7, "tags": [], "people": 2}
    assert home != place("a", "b")
    with pytest.raises(FrozenInstanceError):
        home.people = 3


@MAKERS
def test_a_class_that_brings_methods_or_other_fields_keeps_them(maker: Maker) -> None:
    @maker(frozen=True, slots=True)
    class Own:
        value: int
        key: int = field(kw_only=True)
        doubled: int = field(init=False, default=4)
        seed: InitVar[int] = 0

        def __post_init__(self, seed: int) -> None:
            object.__setattr__(self, "key", seed + self.key)

        def __repr__(self) -> str:
            return "own"

        def __hash__(self) -> int:
            return 1

    assert (repr(Own(2, key=3)), hash(Own(2, key=3)), Own(2, 5, key=3).key, Own(2, key=3).doubled) == ("own", 1, 8, 4)


@MAKERS
def test_a_class_that_may_be_changed_is_the_librarys(maker: Maker) -> None:
    @maker()
    class Counted:
        number: int = 0

    counted = Counted()
    counted.number += 1
    assert counted == Counted(1)


@MAKERS
def test_a_class_without_fields_has_one_value(maker: Maker) -> None:
    @maker(frozen=True, slots=True)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(())
    assert repr(Nothing()).endswith("Nothing()")


def test_many_threads_may_be_the_first() -> None:
    for _ in range(20):
        place, begin, made = place_made_by(dataclass), threading.Barrier(4), []
        threads = [
            threading.Thread(target=lambda p=place, b=begin, m=made: (b.wait(), m.append(p("a", "b"))))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [place("a", "b")] * 4


def test_the_gateways_classes_are_made_here():
    """One that is not costs every command that loads it four times as much. The verifier runs without the gateway."""
    texts = {file: file.read_text(encoding="utf-8") for file in Path(gateway.__file__).parent.rglob("*.py")}
    elsewhere = [file.name for file, text in texts.items() if re.search(r"dataclasses import .*\bdataclass\b", text)]
    assert sorted(elsewhere) == ["classes.py", "verify_evidence.py"]
