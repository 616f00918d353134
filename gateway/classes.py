"""`dataclass` for frozen classes with slots, whose methods are written when they are first called.

The standard library writes the methods of a class as text and compiles them while its module is imported: 0.4
milliseconds a class, and a command loads two hundred to use half of them, most for no more than to be made. Here a
class has its fields and slots at once and refuses to be changed, and each of its other methods comes with its first
call. Whatever is not a plain class of plain fields, frozen and with slots, is the standard library's.
"""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import MISSING, FrozenInstanceError
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Who checks types knows the standard library's by its name.
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - for others to import
else:

    def dataclass(**options: bool) -> Callable[[type], type]:
        """Make a class of its fields, as `dataclasses.dataclass` does."""
        return lambda plain: _made(plain, options)


class _Frozen:
    """The methods that are the same for every class."""

    def __setattr__(self, name: str, _value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in _names_of(self)]

    def __setstate__(self, values: Iterable[Any]) -> None:
        for name, value in zip(_names_of(self), values, strict=True):
            object.__setattr__(self, name, value)


_SHARED = {name: method for name, method in vars(_Frozen).items() if callable(method)}


def _names_of(made: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(made)]


def _made(plain: type, options: dict[str, bool]) -> Any:
    if options != {"frozen": True, "slots": True} or not _is_plain(plain):
        return dataclasses.dataclass(**options)(plain)
    # A class without a sentence would be described by its signature, which takes as long as a method.
    plain.__doc__ = plain.__doc__ or plain.__name__
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(plain)
    # What inherits from it is asked to be frozen too.
    made.__dataclass_params__.frozen = True
    for name, method in _SHARED.items():
        setattr(made, name, method)
    for name, written in _WRITTEN.items():
        setattr(made, name, _from_its_first_call_on(made, name, written))
    return made


def _is_plain(plain: type) -> bool:
    """Whether it inherits nothing, brings none of the methods, and all its fields are given in their order."""
    brought = vars(plain)
    fields = [value for value in brought.values() if isinstance(value, dataclasses.Field)]
    types = brought.get("__annotations__", {}).values()
    return (
        plain.__bases__ == (object,)
        and not any(name in brought for name in (*_WRITTEN, *_SHARED))
        and all(field.init and field.kw_only is MISSING for field in fields)
        and not any(isinstance(each, str | dataclasses.InitVar) or each is dataclasses.KW_ONLY for each in types)
    )


def _from_its_first_call_on(made: Any, name: str, written: Callable[[Any], Callable[..., Any]]) -> Callable[..., Any]:
    def method(*given: Any, **named: Any) -> Any:
        # Two threads may both write it, and write the same.
        setattr(made, name, written(made))
        return getattr(made, name)(*given, **named)

    return method


def _init_of(made: Any) -> Callable[..., None]:
    """Write `__init__`, which nearly every class needs: the standard library would write three more with it."""
    known: dict[str, Any] = {"put": object.__setattr__, "MISSING": MISSING}
    parameters, lines = ["self"], ["pass"]
    for field in dataclasses.fields(made):
        name, value = field.name, field.name
        if field.default_factory is not MISSING:
            known[f"made_{name}"] = field.default_factory
            value = f"made_{name}() if {name} is MISSING else {name}"
            parameters.append(f"{name}=MISSING")
        elif field.default is not MISSING:
            known[f"default_{name}"] = field.default
            parameters.append(f"{name}=default_{name}")
        else:
            parameters.append(name)
        lines.append(f"put(self, {name!r}, {value})")
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), known)  # noqa: S102 - as the standard library
    written: Callable[..., None] = known["__init__"]
    written.__qualname__ = f"{made.__qualname__}.__init__"
    return written


def _from_the_library(name: str, **wanted: bool) -> Callable[[Any], Callable[..., Any]]:
    """Return what has the standard library write a method."""
    chosen: dict[str, Any] = {"init": False, "repr": False, "eq": False} | wanted

    def written(made: Any) -> Any:
        fields = [(each.name, each.type, each) for each in dataclasses.fields(made)]
        return vars(dataclasses.make_dataclass(made.__name__, fields, frozen=True, **chosen))[name]

    return written


_WRITTEN = {
    "__init__": _init_of,
    "__repr__": _from_the_library("__repr__", repr=True),
    "__eq__": _from_the_library("__eq__", eq=True),
    "__hash__": _from_the_library("__hash__", eq=True),
}
