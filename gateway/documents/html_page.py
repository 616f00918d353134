"""Write a page of HTML that prints on A4 and reads aloud well: one file, one plain style, nothing fetched or run.

- Everything that is put into a page is escaped: only what was made here is `Markup`, and any other text becomes it.
- Headings go down one level at a time, every table has a caption and headings that say what they head, and colour never
  says anything that words do not.
- A browser is told to fetch nothing and to run nothing, whatever a page holds.

Pure: text in, text out.
"""

from collections.abc import Iterable, Sequence
from html import escape

#: What stands where nobody wrote anything down.
NOT_RECORDED = "not recorded"

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
@page { size: A4; margin: 16mm 15mm 18mm;
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 8.5pt Arial, sans-serif; } }
@page wide { size: A4 landscape; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.45 Arial, "Liberation Sans", Helvetica, sans-serif; color: #0b0c0c; background: #fff; }
main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
body.wide { page: wide; }
body.wide main { max-width: 88rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .6rem; }
h2 { font-size: 1.3rem; line-height: 1.25; margin: 2rem 0 .5rem; }
h3 { font-size: 1.1rem; margin: 1.4rem 0 .4rem; }
p, ul, ol { margin: 0 0 .9rem; max-width: 48rem; }
ul, ol { padding-left: 1.4rem; }
li { margin: .15rem 0; }
.lead { font-size: 1.1rem; }
.notice { border-left: .35rem solid #0b0c0c; padding: .5rem .9rem; margin: 0 0 1.2rem; font-weight: bold; }
.region { overflow-x: auto; margin: .4rem 0 1.4rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
caption { text-align: left; font-weight: bold; padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .32rem .8rem .32rem 0; border-bottom: 1px solid #b1b4b6;
  overflow-wrap: break-word; }
thead th { border-bottom: 2px solid #0b0c0c; overflow-wrap: normal; hyphens: auto; }
tbody th { font-weight: normal; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
table.facts { margin: .4rem 0 1.2rem; table-layout: fixed; }
table.facts th { width: 31%; font-weight: bold; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
code { font: .92em/1.3 "DejaVu Sans Mono", "Liberation Mono", Consolas, monospace; overflow-wrap: anywhere; }
a { color: #1d4f91; }
footer { margin-top: 2.4rem; padding-top: .6rem; border-top: 1px solid #b1b4b6; font-size: .88rem; color: #383f43; }
@media print {
  body { font-size: 10pt; }
  main, body.wide main { max-width: none; padding: 0; }
  p, ul, ol { max-width: none; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 15pt; } h3 { font-size: 11pt; }
  .lead { font-size: 11pt; } table { font-size: 8.6pt; } footer { font-size: 8.5pt; }
  h1, h2, h3, caption { break-after: avoid; }
  tr, li, .notice { break-inside: avoid; }
  thead { display: table-header-group; }
  .region { overflow: visible; }
  .new-sheet { break-before: page; }
  .compact h1 { font-size: 15pt; } .compact h2 { font-size: 11pt; margin: 8pt 0 2pt; }
  .compact table.facts { margin: 0 0 3pt; font-size: 8.2pt; line-height: 1.3; } .compact table.facts th { width: 42%; }
  .compact th, .compact td { padding: 1pt 6pt 1pt 0; } .compact li { font-size: 8.2pt; line-height: 1.3; }
  .compact .lead { font-size: 10pt; margin-bottom: 5pt; }
  .compact footer { margin-top: 8pt; }
  a { color: inherit; text-decoration: none; }
}
"""


class Markup(str):
    """HTML that was made in this module; any other text is escaped before it becomes this."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Return any value as HTML that shows exactly it; None as what says that nothing was recorded."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(NOT_RECORDED if value is None else str(value)))


def joined(*parts: object) -> Markup:
    """Return the parts one behind the other."""
    return Markup("".join(map(text, parts)))


def lines(values: Iterable[object]) -> Markup:
    """Return values that stand under each other in one place."""
    return Markup("<br>".join(map(text, values)))


def page(
    title: str,
    *parts: Markup,
    lead: object = "",
    notice: object = "",
    foot: object = "",
    wide: bool = False,
    compact: bool = False,
) -> str:
    """Return the whole page. `notice` stands out at its head; a `wide` one is printed on its side.

    A `compact` one is set closer, to fit one sheet.
    """
    head = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        '<body class="wide">' if wide else '<body class="compact">' if compact else "<body>",
        "<main>",
        f"<h1>{escape(title)}</h1>",
    ]
    shown = [_element("p", notice, "notice"), _element("p", lead, "lead"), *parts]
    tail = [_element("footer", foot), "</main>", "</body>", "</html>"]
    return "\n".join(part for part in (*head, *shown, *tail) if part) + "\n"


def section(heading: object, *parts: Markup, level: int = 2, new_sheet: bool = False) -> Markup:
    """Return a part of the page under its heading, on a sheet of its own if wanted."""
    body = "\n".join((f"<h{level}>{text(heading)}</h{level}>", *parts))
    mark = ' class="new-sheet"' if new_sheet else ""
    return Markup(f"<section{mark}>\n{body}\n</section>")


def paragraph(*parts: object) -> Markup:
    """Return a paragraph."""
    return Markup(f"<p>{joined(*parts)}</p>")


def bullets(items: Iterable[object]) -> Markup:
    """Return a list without an order."""
    return Markup("<ul>\n" + "\n".join(f"<li>{text(item)}</li>" for item in items) + "\n</ul>")


def numbered(items: Iterable[object]) -> Markup:
    """Return a list in an order."""
    return Markup("<ol>\n" + "\n".join(f"<li>{text(item)}</li>" for item in items) + "\n</ol>")


def code(value: object) -> Markup:
    """Return what is read letter by letter: a hash, a reference, a command."""
    return Markup(f"<code>{text(value)}</code>")


def words(value: object) -> Markup:
    """Return a sentence in which commands stand between back-quotes, with those to be read letter by letter."""
    parts = str(value).split("`")
    if len(parts) % 2 == 0:
        return text(value)
    return joined(*(code(part) if n % 2 else part for n, part in enumerate(parts)))


def link(target: str, words: object) -> Markup:
    """Return a link to another file of the same folder. Raises ValueError for any other place."""
    if target.startswith("/") or ":" in target or ".." in target:
        raise ValueError("a page links to files beside it alone")
    return Markup(f'<a href="{escape(target)}">{text(words)}</a>')


def table(
    caption: object, headings: Sequence[object], rows: Iterable[Sequence[object]], *, unseen: bool = False
) -> Markup:
    """Return a table whose first column names each row; whole numbers stand to the right. Without rows it says so.

    A caption that the heading above says already is `unseen`: read aloud, and not shown twice.
    """
    found = [list(row) for row in rows]
    if not found:
        return paragraph(joined(caption, ": none."))
    numbers = [all(isinstance(row[n], int) for row in found) for n in range(len(headings))]
    head = "".join(
        f'<th scope="col"{_NUMBER if number else ""}>{text(heading)}</th>'
        for heading, number in zip(headings, numbers, strict=True)
    )
    body = "\n".join(_row(row, numbers) for row in found)
    return _in_region(
        caption,
        f"<table>\n{_caption(caption, unseen=unseen)}\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>",
    )


def facts(caption: object, pairs: Iterable[tuple[object, object]], *, unseen: bool = False) -> Markup:
    """Return names with what is said of each, as a table of two columns."""
    rows = "\n".join(f'<tr><th scope="row">{text(name)}</th><td>{_cell(value)}</td></tr>' for name, value in pairs)
    head = _caption(caption, unseen=unseen)
    return Markup(f'<table class="facts">\n{head}\n<tbody>\n{rows}\n</tbody>\n</table>')


_NUMBER = ' class="number"'


def _row(cells: Sequence[object], numbers: Sequence[bool]) -> str:
    first, *rest = [_cell(cell) for cell in cells]
    marks = [_NUMBER if number else "" for number in numbers]
    shown = "".join(f"<td{mark}>{cell}</td>" for cell, mark in zip(rest, marks[1:], strict=True))
    return f'<tr><th scope="row"{marks[0]}>{first}</th>{shown}</tr>'


def _caption(caption: object, *, unseen: bool) -> str:
    shown = f'<span class="unseen">{text(caption)}</span>' if unseen else text(caption)
    return f"<caption>{shown}</caption>"


def _cell(value: object) -> Markup:
    if isinstance(value, int) and not isinstance(value, bool):
        return Markup(f"{value:,}")
    return text(value)


def _in_region(caption: object, content: str) -> Markup:
    # A table that is wider than a narrow screen is moved by itself, by keyboard too.
    return Markup(f'<div class="region" role="region" aria-label="{text(caption)}" tabindex="0">\n{content}\n</div>')


def _element(name: str, content: object, css: str = "") -> str:
    mark = f' class="{css}"' if css else ""
    return f"<{name}{mark}>{text(content)}</{name}>" if content else ""
