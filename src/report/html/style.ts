// The one style sheet. One accent for "look here"; green only for what was proved; letters never scale with the picture.
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #16202c; --soft: #52606f; --line: #d9dfe6; --grid: #eaeef2; --tint: rgba(22, 45, 80, 0.055);
  --look: #b3400a; --proved: #12713a;
  --prepare: #b4c1cf; --move: #3d6ea5; --stop: #33414f; --backup: #8a99a9; --replace: #66768a; --start: #475668; --back: #9fb4ca;
  --unserved: rgba(38, 52, 70, 0.14); --acknowledged: #d4dde7; --p50: #768595; --p99: #223142;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161c; --ink: #e6ebf0; --soft: #9dabb9; --line: #2f3a46; --grid: #202933; --tint: rgba(150, 185, 230, 0.085);
    --look: #ff9a5c; --proved: #5fd08c;
    --prepare: #4d5c6c; --move: #6ea4e0; --stop: #d3dce5; --backup: #75869a; --replace: #93a4b5; --start: #b5c2cf; --back: #54708f;
    --unserved: rgba(190, 210, 235, 0.16); --acknowledged: #2a3846; --p50: #7d90a4; --p99: #dbe4ec;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 28px 56px; }
.what { margin: 0 0 20px; color: var(--soft); font-variant-numeric: tabular-nums; }
.what strong { color: var(--ink); font-weight: 600; }
.verdict { margin: 0 0 6px; font-size: 17px; font-weight: 650; }
.verdict.pass { color: var(--proved); }
.verdict.fail, .verdict.not-measured { color: var(--look); }
h1 { margin: 0; max-width: 44em; font-size: clamp(21px, 2.55vw, 29px); line-height: 1.28; font-weight: 600; letter-spacing: -0.008em; text-wrap: pretty; }
h1 .clause { display: block; }
h1 .clause + .clause { margin-top: 0.28em; color: var(--soft); font-size: 0.72em; font-weight: 500; letter-spacing: 0; }
h1 .clause.broken { color: var(--look); }
.facts { margin: 16px 0 0; color: var(--soft); font-variant-numeric: tabular-nums; max-width: 76em; }
.look { color: var(--look); }
.proved { color: var(--proved); }
.soft { color: var(--soft); }
figure { margin: 30px 0 0; }
svg.picture { display: block; overflow: visible; font-family: inherit; font-variant-numeric: tabular-nums; }
svg text { fill: var(--soft); font-size: 11px; }
svg text.name { fill: var(--ink); font-size: 12.5px; font-weight: 600; }
svg text.turn { fill: var(--ink); font-size: 11.5px; font-weight: 600; }
svg text.role { fill: var(--move); font-size: 11px; font-weight: 600; }
svg text.phase { fill: var(--ink); font-size: 10.5px; }
svg text.look { fill: var(--look); font-weight: 600; font-size: 11.5px; }
svg text.backed { stroke: var(--paper); stroke-width: 6px; paint-order: stroke; }
svg text.note.look { font-size: 11px; }
.turn-line, .axis { stroke: var(--soft); stroke-width: 1; }
.grid { stroke: var(--grid); stroke-width: 1; }
.leader { stroke: var(--soft); stroke-width: 0.75; opacity: 0.7; }
.risk { fill: var(--tint); }
.away { fill: url(#hatch); } .away.gone { fill: url(#hatch-look); }
.hatch-line { fill: var(--line); } .hatch-line-look { fill: var(--look); opacity: 0.28; }
.unserved { fill: var(--unserved); }
.bar { stroke: var(--paper); stroke-width: 0.8; }
.bar.prepare { fill: var(--prepare); } .bar.move { fill: var(--move); } .bar.back { fill: var(--back); }
.bar.stop { fill: var(--stop); } .bar.backup { fill: var(--backup); } .bar.replace { fill: var(--replace); } .bar.start { fill: var(--start); }
.bar.waited { fill: var(--paper); stroke: var(--soft); stroke-width: 1; }
.role-change { fill: var(--move); stroke: var(--paper); stroke-width: 1.5; }
.lease { fill: var(--soft); } .lease.left { fill: var(--look); }
.p50, .p99 { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.p50 { stroke: var(--p50); } .p99 { stroke: var(--p99); }
.gap { fill: var(--look); opacity: 0.17; }
.acknowledged { fill: var(--acknowledged); }
.refused { fill: var(--look); } .unknown { fill: var(--paper); stroke: var(--look); stroke-width: 1.3; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0; padding: 0; color: var(--soft); font-size: 12px; list-style: none; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg { flex: none; overflow: visible; }
section { margin-top: 34px; }
h2 { margin: 0 0 8px; font-size: 16px; font-weight: 650; }
h2 + p { margin-top: 0; }
p { max-width: 76em; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--soft); color: var(--soft); font-weight: 500; text-align: left; vertical-align: bottom; }
td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { min-width: 7.5em; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.tight, th.tight { white-space: nowrap; }
td.evidence { color: var(--soft); min-width: 18em; }
td.first { min-width: 8.5em; }
td.word { font-weight: 600; white-space: nowrap; }
caption, .note { color: var(--soft); font-size: 12.5px; text-align: left; }
.note { margin: 8px 0 0; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 0 44px; }
ul.plain { margin: 0; padding: 0; list-style: none; font-size: 13.5px; }
ul.plain li { padding: 6px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
code { font: 0.92em ui-monospace, "SF Mono", "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
details { margin-top: 10px; font-size: 13.5px; } summary { cursor: pointer; color: var(--soft); }
@media screen and (max-width: 700px) { figure { overflow-x: auto; } svg.picture { min-width: 680px; } }
@media (max-width: 860px) { main { padding: 22px 16px 40px; } }
@page { size: A4; margin: 13mm 13mm 14mm; }
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --soft: #45505c; --line: #c9d0d8; --grid: #e4e8ec; --tint: rgba(22, 45, 80, 0.07); --look: #a53a08; --proved: #0f6332;
    --prepare: #b4c1cf; --move: #3d6ea5; --stop: #33414f; --backup: #8a99a9; --replace: #66768a; --start: #475668; --back: #9fb4ca;
    --unserved: rgba(38, 52, 70, 0.14); --acknowledged: #d4dde7; --p50: #768595; --p99: #223142;
  }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 9.4pt; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 16pt; }
  .what { margin-bottom: 10px; }
  .facts { margin-top: 9px; }
  figure { margin-top: 14px; }
  section { margin-top: 13px; }
  h2 { font-size: 11pt; margin-bottom: 3px; break-after: avoid; }
  table, ul.plain { font-size: 8.6pt; }
  td, ul.plain li { padding-top: 3px; padding-bottom: 3px; }
  tr, li, figure { break-inside: avoid; }
  .two { grid-template-columns: 1fr 1fr; gap: 0 26px; }
  .legend { gap: 1px 12px; margin-top: 5px; font-size: 7.4pt; }
  .note { font-size: 8pt; margin-top: 3px; }
  svg text, svg text.backed { stroke: var(--paper); stroke-width: 6px; paint-order: stroke; }
svg text.note.look { font-size: 9.5px; }
  svg text.name, svg text.turn { font-size: 10.5px; }
  svg text.phase { font-size: 9px; }
  svg text.look, svg text.role { font-size: 10px; }
  details { display: none; }
}
`;
