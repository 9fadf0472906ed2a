/** SWE-agent's commands that every sandbox has, `submit` and `validate` apart. */
export const TOOLS = [
  'open',
  'goto',
  'scroll_up',
  'scroll_down',
  'create',
  'edit',
  'insert',
  'search_dir',
  'search_file',
  'find_file',
] as const;
