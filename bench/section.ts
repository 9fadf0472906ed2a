/** A target of the project and what was measured for it. */
export interface Verdict {
  target: string;
  measured: string;
  met: boolean;
}

/** One table of the benchmark page. */
export interface Section {
  title: string;
  /** What was measured and how, in a sentence or two. */
  method: string;
  header: readonly string[];
  rows: readonly (readonly string[])[];
  verdicts: readonly Verdict[];
}

/** @returns the section as Markdown */
export function renderSection(section: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `## ${section.title}`,
    '',
    section.method,
    '',
    line(section.header),
    line(section.header.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...section.rows.map(line),
    '',
    ...section.verdicts.map((v) => `- ${v.met ? 'met' : '**not met**'}: ${v.target} (measured: ${v.measured})`),
    '',
  ].join('\n');
}
