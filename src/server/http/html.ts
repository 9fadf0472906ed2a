/** Text that is already HTML. */
class Html {
  constructor(readonly text: string) {}
}

export type { Html };

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Builds HTML; everything that is put in is escaped, unless it was built the same way. Lists are joined. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(render)));
}

function render(value: unknown): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;color-scheme:light dark;padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #d0d7de}code,pre{font:13px ui-monospace,monospace}
table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}@media(min-width:45rem){.wide td{white-space:nowrap}}.plain{width:auto}td,th{text-align:left;padding:.25rem 1.2rem .25rem 0;vertical-align:top;border-bottom:1px solid #eaeef2}
summary{cursor:pointer;padding:.3rem 0;overflow-wrap:anywhere}.n{text-align:right;font-variant-numeric:tabular-nums}.faint{opacity:.7}pre{background:#f6f8fa;padding:.7rem;overflow:auto}.m{display:inline-block;width:4rem;font-weight:600}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}pre{background:#161b22}td,th,h2{border-color:#30363d}a,a:visited{color:#58a6ff}}`;

/** A whole page; it loads nothing. */
export function page(title: string, body: Html): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>`;
  return `<!doctype html><html lang="en"><head>${head.text}<style>${STYLE}</style></head><body>${body.text}</body></html>`;
}
