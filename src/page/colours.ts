/** Colours by meaning, as style properties; each kind of a part of a chart has one. */
export const LIGHT = `--page: #fbfbf9; --card: #ffffff; --ink: #1c2126; --soft: #5b646d; --line: #d9dcdf;
  --good: #2f6f9f; --bad: #c2603a; --kept: #8a63b5; --open: #b9a44c; --plain: #4f7f6b; --back: #eceeef;`;

export const DARK = `--page: #14171a; --card: #1c2024; --ink: #e6e9ec; --soft: #a3adb6; --line: #363c42;
  --good: #5fa3d6; --bad: #e08a62; --kept: #b493da; --open: #d6c26b; --plain: #7fb8a0; --back: #2a2f34;`;

/** What gives the parts of charts their colours. */
export const KINDS = ['good', 'bad', 'kept', 'open', 'plain', 'back']
  .map((kind) => `.${kind} { fill: var(--${kind}); }`)
  .join(' ');
