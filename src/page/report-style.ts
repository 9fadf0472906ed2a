import { DARK, KINDS, LIGHT } from './colours.js';

/** The style of the page; no colour stands alone for a meaning that no word tells. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main, header, footer { max-width: 1360px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 24px; }
h1 { font-size: 1.6rem; margin: 0 0 4px; } h2 { font-size: 1.2rem; margin: 0 0 12px; } h3 { font-size: 1rem; margin: 20px 0 8px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 12px 0; } a { color: var(--good); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 0 0 16px; }
.soft, caption, .none { color: var(--soft); } caption { text-align: left; padding-bottom: 4px; white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; margin: 0 0 16px; padding: 0; }
.facts > div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
.facts dt { color: var(--soft); font-size: .85rem; } .facts dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 16px; }
.wide { overflow-x: auto; margin: 12px 0; } .wide:focus-visible { outline: 2px solid var(--good); }
table { border-collapse: collapse; font-size: .92rem; } table:has(.drawn, .words) { width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; max-width: 24em; }
th { font-weight: 600; color: var(--soft); } thead th { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td.words { min-width: 14em; } td.drawn { min-width: 9em; } td.faults { white-space: nowrap; }
svg.bar { display: block; width: 100%; height: 14px; margin-top: 4px; } svg.columns { width: 100%; height: auto; display: block; }
svg text { font-size: 12px; fill: var(--ink); text-anchor: middle; } svg line { stroke: var(--line); }
${KINDS}
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 0; margin: 8px 0; color: var(--soft); }
.legend svg { width: 10px; height: 10px; margin-right: 6px; }
code, pre { font: .88em/1.45 ui-monospace, monospace; } pre { white-space: pre-wrap; max-height: 22em; overflow: auto; background: var(--back); padding: 8px; border-radius: 6px; margin: 6px 0; }
summary { cursor: pointer; } details { margin: 2px 0; } details p { margin: 4px 0 4px 18px; } .examples h3 { margin: 12px 0 4px; } bdi { unicode-bidi: isolate; }
footer { color: var(--soft); padding-bottom: 32px; }
@media print { :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --good: #2f6f9f; --bad: #c2603a;
  --kept: #8a63b5; --open: #b9a44c; --plain: #4f7f6b; --back: #eee; }
  body { font-size: 10pt; } nav { display: none; } section { border: 0; padding: 0; } tr, svg { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .wide { overflow: visible; } pre { max-height: none; } * { print-color-adjust: exact; } }
`;
