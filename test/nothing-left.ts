import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readConfig } from '../src/config.js';

const CGROUPS = '/sys/fs/cgroup';
const GRACE_MS = 15_000;
const OURS = /^(gymsmith|gs|envd-test)-/;

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => path.join(directory, name));
  } catch {
    return [];
  }
}

function processes(): string[] {
  return entries('/proc').flatMap((directory) => {
    try {
      const command = readFileSync(path.join(directory, 'cmdline'), 'utf8').replaceAll('\0', ' ').trim();
      return /^bwrap |envd\/envd\.py/.test(command)
        ? [`process ${path.basename(directory)}: ${command.slice(0, 120)}`]
        : [];
    } catch {
      return [];
    }
  });
}

/** Everything on this machine that a sandbox or a test can leave behind. */
function traces(): Set<string> {
  const { runDir } = readConfig();
  // Of sandboxes, and of trainings.
  const containers = ['gymsmith.id', 'org.gymsmith.owner'].flatMap((label) =>
    execFileSync('docker', ['ps', '-aq', '--no-trunc', '--filter', `label=${label}`], { encoding: 'utf8' }).split('\n'),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const cgroups = [CGROUPS, ...entries(CGROUPS)].flatMap((directory) => entries(path.join(directory, 'gymsmith')));
  return new Set([
    ...containers.filter(Boolean).map((id) => `container ${id}`),
    ...processes(),
    ...mounts.filter((line) => line.includes('gymsmith')).map((line) => `mount ${line.split(' ')[4]}`),
    ...cgroups.filter((name) => /\/sb-/.test(name)),
    ...entries(tmpdir()).filter((name) => OURS.test(path.basename(name))),
    ...entries(path.join(runDir, 'local')).filter((name) => /\/sb-/.test(name)),
    ...entries(path.join(runDir, 'docker')).filter((name) => /\/sb-/.test(name)),
  ]);
}

/** Fails the test run when it leaves a container, process, mount, control group or directory behind [B4]. */
export default function setup(): () => Promise<void> {
  const before = traces();
  const remaining = () => [...traces()].filter((trace) => !before.has(trace));
  return async () => {
    // What the last test closed may still be on its way out.
    const deadline = Date.now() + GRACE_MS;
    while (remaining().length > 0 && Date.now() < deadline) await setTimeout(250);
    const left = remaining();
    // The runner tells what a teardown throws, and ends as if nothing had been.
    if (left.length > 0) process.exitCode = 1;
    if (left.length > 0) throw new Error(`The tests left something behind:\n  ${left.join('\n  ')}`);
  };
}
