import { type Html, html } from './html.js';

/** A table that may be wider than the page. @param heads names of columns; those that begin with # hold numbers */
export function table(caption: string, heads: readonly string[], rows: readonly Html[], none = 'None.'): Html {
  if (rows.length === 0) return html`<p class="none">${caption}: ${none}</p>`;
  const cells = heads.map((head) =>
    head.startsWith('#')
      ? html`<th scope="col" class="number">${head.slice(1)}</th>`
      : html`<th scope="col">${head}</th>`,
  );
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></div>
`;
}

/** A part of the page under a title. */
export function section(id: string, title: string, ...content: readonly Html[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}</section>
`;
}
