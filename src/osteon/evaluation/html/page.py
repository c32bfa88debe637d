"""Pieces of an HTML page that stands alone: its style, escaped text, tables and pictures."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from typing import Final

from osteon.core.estimate import Estimate

STYLE: Final = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2a37;--quiet:#5d6877;--rule:#dfe3e9;--soft:#f6f7f9;--warn:#9a3412;
 --warnsoft:#fff4ec;--link:#1f5fa8}
@media(prefers-color-scheme:dark){:root{--paper:#14181e;--ink:#e6e9ee;--quiet:#9ba6b5;--rule:#313945;--soft:#1c222b;
 --warn:#fdba74;--warnsoft:#2b2017;--link:#8ab8ee}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
 font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:36px 28px 64px}
h1{font-size:27px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 12px;padding-top:14px;border-top:2px solid var(--ink)}
h3{font-size:15px;margin:24px 0 4px}
p{margin:6px 0 10px;max-width:78ch}
.sub{color:var(--quiet);margin:0 0 18px}
.lead{font-size:15.5px;margin:4px 0 18px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,230px));gap:12px;margin:20px 0}
.cards:empty{display:none}
.card{border:1px solid var(--rule);border-radius:8px;padding:13px 15px;background:var(--soft)}
.card .value{font-size:27px;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.25}
.card .name,.range,figcaption{font-size:12.5px;color:var(--quiet)}
.caution{border-left:4px solid var(--warn);background:var(--warnsoft);padding:10px 15px;margin:14px 0;
 border-radius:0 6px 6px 0}
.caution ul{margin:4px 0;padding-left:19px}
.contents{font-size:13.5px;display:flex;flex-wrap:wrap;gap:4px 16px;margin:18px 0 0}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums;margin:8px 0 16px}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600;color:var(--quiet);font-size:12.5px;border-bottom:1.5px solid var(--ink);vertical-align:bottom}
td.n,th.n{text-align:right}
td.n{white-space:nowrap}
td.group{min-width:120px}
td.fact{width:180px;color:var(--quiet)}
tr.small td{color:var(--quiet)}
tr.head td{font-weight:600;background:var(--soft)}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(310px,100%),1fr));gap:18px 22px;align-items:start;
 margin:14px 0}
.plots figure{max-width:520px}
.wide .plots figure{max-width:none}
.plots img{background:#fff;border-radius:6px}
.side{display:flex;gap:18px 36px;flex-wrap:wrap;align-items:flex-start}
.side>:last-child{flex:1;min-width:min(380px,100%)}
figure{margin:0}
figure img{width:100%;height:auto;display:block}
figcaption{margin-top:4px}
.wide{max-width:780px}
.cells{width:auto;min-width:min(290px,100%)}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(230px,100%),1fr));gap:14px;margin:14px 0}
.pictures img{border-radius:6px;background:#000;aspect-ratio:1;object-fit:contain}
code{font:12.5px ui-monospace,"DejaVu Sans Mono",monospace;background:var(--soft);padding:1px 5px;border-radius:4px;
 overflow-wrap:anywhere}
.warn{color:var(--warn)}
footer{margin-top:48px;color:var(--quiet);font-size:12.5px;border-top:1px solid var(--rule);padding-top:12px}
@media(max-width:640px){main{padding:22px 15px 48px}h1{font-size:23px}.cards{grid-template-columns:1fr 1fr}
 th,td{padding:5px 6px}td.fact{width:105px}.wide{overflow-x:auto}.side>*{width:100%}td{overflow-wrap:anywhere}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,tr,.card{break-inside:avoid}.contents{display:none}}
"""


def text(words: str) -> str:
    """Words that may stand within an element or a quoted attribute."""
    return html.escape(words)


def page(title: str, body: str) -> str:
    """A whole document."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n<body><main>{body}</main></body></html>\n"
    )


def section(title: str, content: str) -> str:
    """A section with its heading; nothing where there is no content."""
    return f'<section id="{anchor(title)}"><h2>{text(title)}</h2>{content}</section>\n' if content else ""


def anchor(title: str) -> str:
    """The id of a section."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def contents(titles: Iterable[str]) -> str:
    """Links to the sections."""
    links = "".join(f'<a href="#{anchor(title)}">{text(title)}</a>' for title in titles)
    return f'<nav class="contents">{links}</nav>'


def box(content: str, name: str) -> str:
    """A block with a class of the style."""
    return f'<div class="{name}">{content}</div>'


def cell(content: str, name: str = "") -> str:
    """A cell of a table; ``content`` is HTML."""
    return f'<td class="{name}">{content}</td>' if name else f"<td>{content}</td>"


def number(value: float, *, signed: bool = False, digits: int = 3) -> str:
    """A figure with three digits, and a true minus."""
    return (f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}").replace("-", "\N{MINUS SIGN}")


def interval(figure: Estimate) -> str:
    """The interval of a figure in words."""
    return figure.between.replace("-", "\N{MINUS SIGN}")


def figure_cell(figure: Estimate | None, *, signed: bool = False, stacked: bool = False) -> str:
    """A cell with a figure and its interval, beside or below it; a dash where there is none."""
    if figure is None:
        return cell("–", "n")
    between = "<br>" if stacked else " &nbsp;"
    shown = number(figure.value, signed=signed)
    return cell(f'{shown}{between}<span class="range">{interval(figure)}</span>', "n")


def row(cells: Iterable[str], name: str = "") -> str:
    """A row of cells."""
    return f'<tr class="{name}">{"".join(cells)}</tr>' if name else f"<tr>{''.join(cells)}</tr>"


def table(head: Sequence[str], rows: Iterable[str], name: str = "") -> str:
    """A table whose first column is text and whose others are numbers."""
    words = "".join(f'<th class="{"n" if i else ""}">{text(word)}</th>' for i, word in enumerate(head))
    top = f"<thead><tr>{words}</tr></thead>" if head else ""
    return f'<table class="{name}">{top}<tbody>{"".join(rows)}</tbody></table>'


def bullets(lines: Iterable[str]) -> str:
    """A list; each line is plain text."""
    return f"<ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>"


def picture(content: bytes, media_type: str, caption: str, alt: str) -> str:
    """A picture within the page, with its caption."""
    data = base64.b64encode(content).decode("ascii")
    image = f'<img alt="{text(alt)}" src="data:{media_type};base64,{data}">'
    return f"<figure>{image}<figcaption>{text(caption)}</figcaption></figure>"
