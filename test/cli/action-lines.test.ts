import { describe, expect, it } from 'vitest';
import { ActionLines } from '../../src/cli/play/action-lines.js';

function typed(...lines: string[]): (string | null)[] {
  const actions = new ActionLines();
  return lines.map((line) => actions.push(line));
}

describe('ActionLines', () => {
  it('takes a plain line as a whole action [E1]', () => {
    expect(typed('ls -l', 'editor x', 'inserted')).toEqual(['ls -l', 'editor x', 'inserted']);
  });

  it('collects the text of edit and insert up to their end lines [E1]', () => {
    expect(typed('edit 1:2', 'ls', '  end_of_edit', 'end_of_edit ')).toEqual([
      null,
      null,
      null,
      'edit 1:2\nls\n  end_of_edit\nend_of_edit ',
    ]);
    expect(typed('insert 3', 'end_of_edit', 'end_of_insert').at(-1)).toBe('insert 3\nend_of_edit\nend_of_insert');
  });

  it('collects here-documents up to their delimiter', () => {
    expect(typed("cat > x <<'END'", 'a \\', 'END', 'ls')).toEqual([null, null, "cat > x <<'END'\na \\\nEND", 'ls']);
    expect(typed('cat <<-END', 'a', '\tEND').at(-1)).toBe('cat <<-END\na\n\tEND');
  });

  it('goes on after a backslash at the end of a line, not after an escaped one', () => {
    expect(typed('echo a \\', 'b')).toEqual([null, 'echo a \\\nb']);
    expect(typed('echo a \\\\')).toEqual(['echo a \\\\']);
  });

  it('tells what ends the open action, and forgets it when cleared', () => {
    const actions = new ActionLines();
    actions.push('edit 1:1');
    expect([actions.isOpen, actions.endLine]).toEqual([true, 'end_of_edit']);
    actions.clear();
    expect([actions.isOpen, actions.endLine]).toEqual([false, '']);
    expect(actions.push('ls')).toBe('ls');
  });
});
