"""The style and the script of the page; both stand in the page itself."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --text: #1c2024; --soft: #5f6872; --line: #d9dee3; --back: #ffffff; --card: #f6f8fa;
  --error: #b3261e; --warning: #9a5b00; --note: #0b6a75; --accent: #2458c6;
  --weight: #2458c6; --bias: #c2410c; --norm: #0f8a5f; --embedding: #8b3fc4; --other: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ec; --soft: #9aa4af; --line: #343b43; --back: #14171a; --card: #1d2126;
  --error: #ff8a80; --warning: #ffb95c; --note: #6fd3de; --accent: #86acff;
  --weight: #86acff; --bias: #ff9d6b; --norm: #5fd6a6; --embedding: #cf9bff; --other: #a3abb5; } }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
small, .empty, footer { color: var(--soft); font-weight: normal; }
a { color: var(--accent); } code { font-size: .9em; }
figure, .finding { margin: 0 0 .8rem; padding: .7rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
math { font-size: 1.25rem; margin: .4rem 0; width: max-content; max-width: 100%; overflow-x: auto; overflow-y: hidden; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; font-size: .85rem; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.finding p { margin: 0; } .pair th { text-align: left; font-weight: normal; color: var(--soft); padding-right: 1rem; }
.help { color: var(--soft); }
.error { color: var(--error); } .warning { color: var(--warning); } .note { color: var(--note); }
.verdict { border: 1px solid currentColor; border-radius: 99px; padding: 0 .5em; font-size: .8em; }
.confirmed { color: var(--error); } .refuted { color: var(--norm); } .not_reached, .inconclusive { color: var(--soft); }
svg { width: 100%; height: auto; } .grid { stroke: var(--line); } .tick, .axis { fill: var(--soft); font-size: 12px; }
.tick, .end { text-anchor: end; } .middle { text-anchor: middle; } .dot { fill-opacity: .8; }
.legend { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0; font-size: .85rem; color: var(--soft); }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .4em; background: var(--other); }
.dot { fill: var(--other); } .dot.role-weight { fill: var(--weight); } i.role-weight { background: var(--weight); }
.dot.role-bias { fill: var(--bias); } i.role-bias { background: var(--bias); }
.dot.role-norm { fill: var(--norm); } i.role-norm { background: var(--norm); }
.dot.role-embedding { fill: var(--embedding); } i.role-embedding { background: var(--embedding); }
.scroll { overflow-x: auto; } #parameters { border-collapse: collapse; width: 100%; font-size: .85rem; }
#parameters th, #parameters td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
#parameters .number { text-align: right; font-variant-numeric: tabular-nums; }
#parameters button { all: unset; cursor: pointer; font-weight: 600; } #parameters button:focus-visible { outline: 2px solid var(--accent); }
[aria-sort=ascending] button::after { content: " ▲"; } [aria-sort=descending] button::after { content: " ▼"; }
input[type=search] { width: 100%; box-sizing: border-box; padding: .4rem .7rem; margin-bottom: .5rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
"""

SCRIPT = """
const table = document.getElementById('parameters');
if (table) {
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const key = (row, at) => {
    const cell = row.cells[at], value = cell.dataset.value ?? cell.textContent;
    return value !== '' && !isNaN(value) ? Number(value) : value;
  };
  heads.forEach((head, at) => head.firstChild.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const sorted = [...rows].sort((a, b) => {
      const x = key(a, at), y = key(b, at);
      return (typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === 'number' ? -1 : 1) * (down ? -1 : 1);
    });
    body.append(...sorted);
  }));
  document.querySelector('input[type=search]').addEventListener('input', event => {
    const words = event.target.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
      shown += !row.hidden;
    }
    document.getElementById('shown').textContent = shown === rows.length ? rows.length : `${shown} of ${rows.length}`;
  });
}
"""
