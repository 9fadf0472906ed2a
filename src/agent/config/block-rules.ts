import type { BlockRules } from './agent-config.js';
import type { ConfigSection } from './config-section.js';

const EDITORS = ['vim', 'vi', 'emacs', 'nano'];
const SHELLS = ['bash', 'sh', '/bin/bash', '/bin/sh', 'su'];
const INTERACTIVE = "Interactive operation '{name}' is not supported by this environment";
const PYTHONS = ['python', 'python3', 'ipython'];

/** What each format refuses when its file says nothing, and the template of the refusal. */
const DEFAULTS = {
  mlgym: {
    names: [...EDITORS, 'nohup', 'git'],
    standalone: [...PYTHONS, ...SHELLS, 'exit', 'nohup', ...EDITORS],
    errorTemplate: INTERACTIVE,
  },
  'swe-agent-0': {
    names: [...EDITORS, 'nohup', 'git', 'gdb'],
    standalone: [...PYTHONS, ...SHELLS, 'exit', 'nohup', ...EDITORS],
    errorTemplate: INTERACTIVE,
  },
  'swe-agent-1': {
    names: [...EDITORS, 'nohup', 'gdb', 'less', 'tail -f', 'python -m venv', 'make'],
    standalone: [...PYTHONS, ...SHELLS, 'nohup', ...EDITORS],
    errorTemplate: 'Here nobody can type into a program, so this is not run: {{action}}',
  },
} as const satisfies Record<string, BlockRules>;

/** `blocklist`, `blocklist_standalone` and `blocklist_error_template`. @param section null: nothing is said */
export function readBlockRules(format: keyof typeof DEFAULTS, section: ConfigSection | null): BlockRules {
  const { names, standalone, errorTemplate } = DEFAULTS[format];
  if (section === null) return { names, standalone, errorTemplate };
  return {
    names: section.has('blocklist') ? section.texts('blocklist') : names,
    standalone: section.has('blocklist_standalone') ? section.texts('blocklist_standalone') : standalone,
    errorTemplate: section.text('blocklist_error_template') ?? errorTemplate,
  };
}
