// A server over the in-process env `bench/echo-v1`, for the load generator. Usage: echo-server.ts PORT
import { readConfig } from '../src/config.js';
import { BUILTIN_ENVS } from '../src/env/builtin-envs.js';
import { startServer } from '../src/server/main.js';

const [echoEnv] = BUILTIN_ENVS as [(typeof BUILTIN_ENVS)[number]];

await startServer({
  config: { ...readConfig(), host: '127.0.0.1', port: Number(process.argv[2]), maxSessions: 2048, maxEpisodes: 2048 },
  catalogue: {
    list: () => [echoEnv.summary],
    describe: () => echoEnv.detail,
    create: (episodeId, params) => echoEnv.factory(episodeId, params),
  },
  keepSessions: false,
});
