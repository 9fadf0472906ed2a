import { pino } from 'pino';
import { startServer, untilSignal } from '../../src/server/main.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';

// A server process over envs without sandboxes. Prints its address; `drainMs` as the first argument.
const catalogue = new EchoCatalogue();
const server = await startServer({
  config: {
    host: process.env.GYMSMITH_HOST ?? '127.0.0.1',
    port: 0,
    token: process.env.GYMSMITH_TOKEN,
    origins: [],
    allowUnauthenticated: false,
    maxSessions: 2048,
    maxEpisodes: 2048,
    stateDir: '/nonexistent',
  },
  catalogue,
  limits: { drainMs: Number(process.argv[2] ?? 5_000) },
  log: pino({ level: 'silent' }),
  onClose: async () => {
    console.log(`left open: ${catalogue.journal.open}`);
  },
});
console.log(server.url);
await untilSignal(server);
