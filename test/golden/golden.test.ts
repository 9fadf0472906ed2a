import { playTranscripts } from './play.js';

playTranscripts({ applies: () => true, action: (written) => written });
