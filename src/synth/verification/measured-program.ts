import { z } from 'zod';
import { shellQuote } from '../../env/episode/shell-quote.js';

/**
 * Runs a program, ends it with everything it started when its time is over, and writes what it took into a file: what a program prints
 * can so be nothing but its output. Memory is that of its largest process; of a GPU what it holds more than before.
 */
const MEASURE = `
import json, os, resource, signal, subprocess, sys, threading, time

report, limit, gpus = sys.argv[1], float(sys.argv[2]), sys.argv[3] == 'gpus'

def gpu_bytes():
    query = ['nvidia-smi', '--query-gpu=memory.used', '--format=csv,noheader,nounits']
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=10).stdout
        return max(int(line) for line in said.split()) * 2 ** 20
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0

before = most = gpu_bytes() if gpus else 0
over = threading.Event()

def watch():
    global most
    while not over.wait(0.5):
        most = max(most, gpu_bytes())

if gpus:
    threading.Thread(target=watch, daemon=True).start()
started = time.monotonic()
child = subprocess.Popen(sys.argv[4:], stdin=subprocess.DEVNULL, start_new_session=True)
timed_out = False
try:
    child.wait(limit)
except subprocess.TimeoutExpired:
    timed_out = True
seconds = time.monotonic() - started
over.set()
try:
    os.killpg(child.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
child.wait()
took = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(report, 'w') as file:
    json.dump({'code': child.returncode, 'timed_out': timed_out, 'seconds': seconds, 'memory_bytes': took.ru_maxrss * 1024,
               'cpu_seconds': took.ru_utime + took.ru_stime, 'gpu_memory_bytes': max(0, most - before)}, file)
`;

/** What a program took, as the file says it. */
export const ProgramReport = z.object({
  /** As Python tells it: below zero the number of a signal. */
  code: z.int(),
  timed_out: z.boolean(),
  seconds: z.number(),
  memory_bytes: z.number(),
  cpu_seconds: z.number(),
  gpu_memory_bytes: z.number(),
});
export type ProgramReport = z.output<typeof ProgramReport>;

/** Shell text that runs a program under measurement. */
export function measuringCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { report: string; timeoutS: number; hasGpus: boolean },
): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const measure = [
    'python3',
    '-S',
    '-E',
    '-c',
    MEASURE,
    options.report,
    String(options.timeoutS),
    options.hasGpus ? 'gpus' : '-',
  ];
  return ['env', ...settings, ...[...measure, ...argv].map(shellQuote)].join(' ');
}

/** How a program ended, as a shell would tell it. */
export function exitStatusText({ code, timed_out }: ProgramReport, timeoutS: number): string {
  if (timed_out) return `timed out after ${timeoutS} s`;
  return code < 0 ? `signal ${-code}` : String(code);
}
