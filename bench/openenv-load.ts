// A load generator in a process of its own, so that it takes a core from neither server that it measures.
// Usage: openenv-load.ts URL SESSIONS SECONDS
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { latencyOf } from './measure.js';

const [url = '', sessions = '1', seconds = '5'] = process.argv.slice(2);
const STEP = JSON.stringify({
  type: 'step',
  data: { command: 'echo the same sixty-four bytes of text for every server here' },
});

/** One session: connect, reset, then step after step until `untilMs`. @returns latencies of the steps in milliseconds */
async function play(untilMs: () => number): Promise<number[]> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const samples: number[] = [];
  let answered: (() => void) | null = null;
  socket.on('message', (data: Buffer) => {
    // Only the type is looked at: the time of a parser here would count for the servers.
    if (data.subarray(0, 24).includes('"error"')) throw new Error(String(data));
    answered?.();
  });
  const ask = (frame: string) =>
    new Promise<void>((resolve) => {
      answered = resolve;
      socket.send(frame);
    });
  await ask(JSON.stringify({ type: 'reset', data: {} }));
  ready();
  await started;
  while (performance.now() < untilMs()) {
    const sent = performance.now();
    await ask(STEP);
    samples.push(performance.now() - sent);
  }
  socket.send(JSON.stringify({ type: 'close' }));
  await new Promise((resolve) => socket.once('close', resolve));
  return samples;
}

let waiting = Number(sessions);
let start!: () => void;
const started = new Promise<void>((resolve) => {
  start = resolve;
});
let deadline = 0;
let began = 0;
function ready(): void {
  waiting -= 1;
  if (waiting > 0) return;
  began = performance.now();
  deadline = began + Number(seconds) * 1000;
  start();
}

const opened = performance.now();
const players: Promise<number[]>[] = [];
for (let index = 0; index < Number(sessions); index++) players.push(play(() => deadline));
const samples = (await Promise.all(players)).flat();
const elapsedS = (performance.now() - began) / 1000;
console.log(
  JSON.stringify({ stepsPerSecond: samples.length / elapsedS, connectMs: began - opened, ...latencyOf(samples) }),
);
process.exit(0);
