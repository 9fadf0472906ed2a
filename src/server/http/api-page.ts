import type { WireError } from '../../protocol/index.js';
import { type Html, html, page } from './html.js';

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: unknown[];
  requestBody?: unknown;
  responses?: unknown;
}

interface ApiDocument {
  info: { title: string; version: string; description?: string };
  paths?: object;
}

type ErrorTable = Readonly<Record<WireError['code'], { retryable: boolean; http: number; meaning: string }>>;

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** Renders an OpenAPI document as a page to read. */
export function renderApiPage(document: ApiDocument, errors: ErrorTable): string {
  const groups = new Map<string, Html[]>();
  for (const [path, item] of Object.entries(document.paths ?? {}) as [
    string,
    Record<string, Operation | undefined>,
  ][]) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? 'Other';
      groups.set(tag, [...(groups.get(tag) ?? []), renderOperation(method, path, operation)]);
    }
  }
  const { title, version, description } = document.info;
  return page(
    `${title} interface`,
    html`<h1>${title} interface ${version}</h1><p>${description}</p><p><a href="openapi.json">openapi.json</a></p>
${[...groups].map(([tag, operations]) => html`<h2>${tag}</h2>${operations}`)}
<h2>Errors</h2><table><tr><th>code<th>HTTP<th>retryable<th>meaning</tr>${Object.entries(errors).map(
      ([code, { http, retryable, meaning }]) =>
        html`<tr><td><code>${code}</code><td>${http}<td>${retryable ? 'yes' : 'no'}<td>${meaning}</tr>`,
    )}</table>`,
  );
}

function renderOperation(method: string, path: string, operation: Operation): Html {
  const { summary, description, parameters, requestBody, responses } = operation;
  const parts: [string, unknown][] = [
    ['Parameters', parameters],
    ['Body', requestBody],
    ['Answers', responses],
  ];
  return html`<details><summary><code><span class="m">${method.toUpperCase()}</span>${path}</code> ${summary}</summary>
<p>${description}</p>${parts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<h4>${name}</h4><pre>${JSON.stringify(value, null, 2)}</pre>`)}</details>`;
}
