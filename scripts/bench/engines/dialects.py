"""Say the gateway's statements as other engines read them: SQLAlchemy's plain dialect, and what has to differ.

- Both engines take the plain text with `?` for each parameter. The four functions that the gateway compiles apart for
  its two databases keep their names there: each engine is given functions of these names (duckdb.py, spark.py).
- DuckDB's `ltrim` takes away every kind of space, the gateway's databases plain ones alone: which is said.
- Spark's `ltrim` takes its two arguments the other way about, without an error; and Spark does not know MATERIALIZED.
"""

from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.selection.wording import FORMULA_STARTS, HIDDEN_RANGES

#: The rules of gateway/selection/text.py as a class of characters that RE2 and Java read alike.
HIDDEN = "[\\x{0}" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in HIDDEN_RANGES) + "]"
SUSPECT = HIDDEN + "|[|] *[" + "".join(f"\\x{{{ord(start):x}}}" for start in FORMULA_STARTS) + "]"

_SPACE = "' '"


class _Plain(DefaultDialect):
    """A database that is only read: no transaction is begun, committed or rolled back."""

    supports_native_boolean = True
    default_paramstyle = "qmark"

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Do nothing."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Do nothing."""


class _DuckDbText(SQLCompiler):
    def visit_ltrim_func(self, function: FunctionElement[Any], **options: Any) -> str:
        text, *characters = _arguments(self, function, options)
        return f"ltrim({text}, {''.join(characters) or _SPACE})"


class DuckDb(_Plain):
    """DuckDB."""

    name = driver = "duckdb"
    supports_statement_cache = False
    statement_compiler = _DuckDbText


class _SparkText(SQLCompiler):
    def visit_ltrim_func(self, function: FunctionElement[Any], **options: Any) -> str:
        # Parameters go by their order in the text, so the order of arguments cannot simply be turned about.
        text, *characters = function.clauses
        if not characters:
            return f"ltrim({self.process(text, **options)})"
        (said,) = characters
        if not isinstance(said, BindParameter):
            raise TypeError("what is trimmed away is not a constant")
        constant = self.render_literal_value(said.value, said.type)
        return f"trim(LEADING {constant} FROM {self.process(text, **options)})"

    def _generate_prefixes(self, stmt: Any, prefixes: Any, **options: Any) -> str:
        # Spark decides by itself whether to keep what is used twice.
        known = [each for each in prefixes if str(each[0]) != "MATERIALIZED"]
        return super()._generate_prefixes(stmt, known, **options)


class Spark(_Plain):
    """Spark SQL."""

    name = driver = "spark"
    supports_statement_cache = False
    statement_compiler = _SparkText


def _arguments(compiler: SQLCompiler, function: FunctionElement[Any], options: dict[str, Any]) -> list[str]:
    return [compiler.process(argument, **options) for argument in function.clauses]


registry.register("duckdb", __name__, "DuckDb")
registry.register("spark", __name__, "Spark")
