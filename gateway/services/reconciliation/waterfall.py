"""Draw how a pair came to weigh what it weighs: where it starts, one step a field, where it ends.

As monospaced text for a terminal, and as SVG without script, style or font of its own, for a page or a print-out. The
words say what was found before any number does: a reviewer who sees the weight first agrees with it.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from gateway.model.linkage import Evidence, Field

NAMES = {
    Field.NINO: "National Insurance number",
    Field.BORN: "Date of birth",
    Field.FORENAME: "Forename",
    Field.SURNAME: "Surname",
    Field.POSTCODE: "Postcode",
    Field.MIDDLE: "Middle name",
    Field.ADDRESS: "Address",
}
_START, _END = "Before comparing", "Altogether"
_WIDE, _ROW, _LEFT, _NUMBERS = 760, 26, 330, 90
_TEXT_WIDE = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One bar: from where to where, in bits."""

    name: str
    words: str
    start: float
    end: float

    @property
    def bits(self) -> float:
        """How much this step adds."""
        return self.end - self.start


def steps_of(evidence: Evidence) -> tuple[Step, ...]:
    """Return the steps of a waterfall, the start first and the whole last."""
    return tuple(_steps(evidence))


def _steps(evidence: Evidence) -> Iterator[Step]:
    running = evidence.prior
    yield Step(_START, chance_in_words(evidence.prior), 0.0, running)
    for compared, level in evidence.levels:
        yield Step(NAMES[compared], level.words, running, running + level.bits)
        running += level.bits
    yield Step(_END, chance_in_words(evidence.bits), 0.0, evidence.bits)


def chance_in_words(bits: float) -> str:
    """Return odds as people say them: "1 in 1,000 that they are the same"."""
    odds = 2 ** min(abs(bits), 60.0)
    number = f"{round(odds + 1):,}" if odds < 10**9 else "more than a thousand million"
    if bits < 0:
        return f"about 1 in {number} that they are the same"
    return f"about 1 in {number} that they are not the same"


def as_text(evidence: Evidence) -> str:
    """Return the waterfall in lines for a terminal."""
    steps = steps_of(evidence)
    low, high = _span(steps)
    lines = []
    for step in steps:
        bar = _bar(step, low, high)
        lines.append(f"{step.name:<26} {step.bits:+6.1f} {bar} {step.words}".rstrip())
    return "\n".join(lines)


def as_svg(evidence: Evidence) -> str:
    """Return the waterfall as a whole SVG document."""
    steps = steps_of(evidence)
    low, high = _span(steps)
    scale = (_WIDE - _LEFT - _NUMBERS) / (high - low)
    tall = _ROW * (len(steps) + 1)
    said = escape("; ".join(f"{step.name}: {step.words}" for step in steps), quote=True)
    size = f'viewBox="0 0 {_WIDE} {tall}" width="{_WIDE}" height="{tall}"'
    font = 'font-family="sans-serif" font-size="13"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{said}" {size} {font}>']
    for number, step in enumerate(steps):
        parts.extend(_drawn(step, number, low, scale))
    return "\n".join([*parts, "</svg>", ""])


def _drawn(step: Step, number: int, low: float, scale: float) -> Iterator[str]:
    top = _ROW * number + 6
    left, wide = _LEFT + (min(step.start, step.end) - low) * scale, max(abs(step.bits) * scale, 1.0)
    # Told apart by their numbers and outline too, not by colour alone.
    fill = "#00703c" if step.bits >= 0 else "#d4351c"
    yield f'<text x="4" y="{top + 14}">{escape(step.name)}: {escape(step.words)}</text>'
    yield f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="18" fill="{fill}" stroke="#0b0c0c"/>'
    yield f'<text x="{_WIDE - 4}" y="{top + 14}" text-anchor="end">{step.bits:+.1f}</text>'


def _bar(step: Step, low: float, high: float) -> str:
    scale = _TEXT_WIDE / (high - low)
    left = round((min(step.start, step.end) - low) * scale)
    wide = max(round(abs(step.bits) * scale), 1) if step.bits else 0
    mark = "+" if step.bits >= 0 else "-"
    return (" " * left + mark * wide).ljust(_TEXT_WIDE + 1)


def _span(steps: tuple[Step, ...]) -> tuple[float, float]:
    ends = [each for step in steps for each in (step.start, step.end)]
    return min(ends), max(*ends, min(ends) + 1.0)
