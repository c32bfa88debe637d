"""Pieces of an HTML page that stands alone: its style, escaped text, tables and pictures."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from typing import Final

STYLE: Final = """
:root{--ink:#1f2a37;--quiet:#5d6877;--rule:#dfe3e9;--soft:#f6f7f9;--warn:#9a3412;--warnsoft:#fff4ec}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);
 font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:36px 28px 64px}
h1{font-size:27px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:44px 0 12px;padding-top:14px;border-top:2px solid var(--ink)}
h3{font-size:15px;margin:22px 0 4px}
p{margin:6px 0 10px;max-width:78ch}
.sub{color:var(--quiet);margin:0 0 18px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:20px 0}
.card{border:1px solid var(--rule);border-radius:8px;padding:13px 15px;background:var(--soft)}
.card .value{font-size:27px;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.25}
.card .name,.range,figcaption{font-size:12.5px;color:var(--quiet)}
.caution{border-left:4px solid var(--warn);background:var(--warnsoft);padding:10px 15px;margin:14px 0;
 border-radius:0 6px 6px 0}
.caution ul{margin:4px 0;padding-left:19px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums;margin:8px 0 16px}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600;color:var(--quiet);font-size:12.5px;border-bottom:1.5px solid var(--ink);vertical-align:bottom}
td.n,th.n{text-align:right}
td.n{white-space:nowrap}
td.group{min-width:150px}
td.fact{width:200px;color:var(--quiet)}
tr.small td{color:var(--quiet)}
tr.head td{font-weight:600;background:var(--soft)}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(310px,1fr));gap:18px 22px;align-items:start;
 margin:14px 0}
.side{display:flex;gap:36px;flex-wrap:wrap;align-items:flex-start}
.side>:last-child{flex:1;min-width:380px}
figure{margin:0}
figure img{width:100%;height:auto;display:block}
figcaption{margin-top:4px}
.wide{max-width:780px}
.cells{width:auto;min-width:290px}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:14px}
.pictures img{border-radius:6px;background:#000;aspect-ratio:1;object-fit:contain}
code{font:12.5px ui-monospace,"DejaVu Sans Mono",monospace;background:var(--soft);padding:1px 5px;border-radius:4px;
 overflow-wrap:anywhere}
.warn{color:var(--warn)}
footer{margin-top:48px;color:var(--quiet);font-size:12.5px;border-top:1px solid var(--rule);padding-top:12px}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}figure,tr,.card{break-inside:avoid}}
"""


def text(words: str) -> str:
    """Words that may stand within an element or a quoted attribute."""
    return html.escape(words)


def page(title: str, body: str) -> str:
    """A whole document."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n<body><main>{body}</main></body></html>\n"
    )


def section(title: str, content: str) -> str:
    """A section with its heading; nothing where there is no content."""
    return f"<section><h2>{text(title)}</h2>{content}</section>\n" if content else ""


def box(content: str, name: str) -> str:
    """A block with a class of the style."""
    return f'<div class="{name}">{content}</div>'


def cell(content: str, name: str = "") -> str:
    """A cell of a table; ``content`` is HTML."""
    return f'<td class="{name}">{content}</td>' if name else f"<td>{content}</td>"


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
