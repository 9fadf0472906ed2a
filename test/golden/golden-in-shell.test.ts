import { playTranscripts } from './play.js';

// As parts of a script, so that bash runs the commands and not the short way to them.
playTranscripts({
  applies: ({ composable }) => composable,
  action: (written) => (written.includes('\n') ? `${written}\ntrue` : `true; ${written}`),
});
