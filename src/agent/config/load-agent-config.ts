import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../../yaml/closest.js';
import { readYaml } from '../../yaml/yaml.js';
import type { AgentConfig } from './agent-config.js';
import { readBundledConfig } from './bundled-config.js';
import { CheckoutFiles, readTextFile } from './checkout-files.js';
import { AgentConfigError, type ConfigFault, formatConfigFault } from './config-fault.js';
import { ConfigSection } from './config-section.js';
import { readFlatConfig } from './flat-config.js';

/** The agents that ship lie beside the sources, and beside what is built of them. */
const SHIPPED = fileURLToPath(new URL('../../../agents', import.meta.url));
const EXTENSION = /\.ya?ml$/;

/** Names of the agents that ship, sorted. */
export async function shippedAgents(): Promise<string[]> {
  const names = await readdir(SHIPPED);
  return names
    .filter((name) => EXTENSION.test(name))
    .map((name) => name.replace(EXTENSION, ''))
    .sort();
}

/**
 * Loads an agent from its configuration: MLGym's YAML, SWE-agent's of either generation, or ours. Paths in it start at the root of
 * the checkout it lies in.
 * @param nameOrPath name of an agent that ships, such as `default`, or a path of a YAML file
 * @throws AgentConfigError with the place of every fault
 */
export async function loadAgentConfig(nameOrPath: string): Promise<AgentConfig> {
  const path = await locate(nameOrPath);
  const files = await CheckoutFiles.around(path);
  const yaml = readYaml(await readTextFile(path));
  const faults: ConfigFault[] = [];
  const root = ConfigSection.root({ file: files.show(path), yaml, faults });
  const config = root && (await read(root, basename(path).replace(EXTENSION, ''), files));
  if (config === null || faults.some(({ severity }) => severity === 'error')) {
    throw new AgentConfigError(`The agent ${nameOrPath} cannot be loaded:`, faults);
  }
  return { ...config, warnings: faults.map(formatConfigFault) };
}

async function read(
  root: ConfigSection,
  name: string,
  files: CheckoutFiles,
): Promise<Omit<AgentConfig, 'warnings'> | null> {
  if (root.has('gymsmith')) {
    const version = root.count('gymsmith');
    if (version !== null && version !== 1) {
      root.error(
        'gymsmith',
        `is ${version}, a format that is not known here`,
        'write gymsmith: 1, or use a newer Gymsmith',
      );
    }
    return readFlatConfig(root, 'gymsmith', name, files);
  }
  if (root.has('agent')) return readBundledConfig(root, name, files);
  if (root.has('instance_template')) return readFlatConfig(root, 'swe-agent-0', name, files);
  if (root.has('task_template') || root.has('tools')) return readFlatConfig(root, 'mlgym', name, files);
  const marks = 'agent (SWE-agent 1), instance_template (SWE-agent 0), task_template (MLGym) nor gymsmith (ours)';
  root.error([], `is no configuration of an agent: it has neither ${marks}`, 'name the YAML file of an agent');
  return null;
}

async function locate(nameOrPath: string): Promise<string> {
  const path = resolve(nameOrPath);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const names = await shippedAgents();
  const isName = !/[/\\]/.test(nameOrPath) && !EXTENSION.test(nameOrPath);
  if (isName && names.includes(nameOrPath)) return join(SHIPPED, `${nameOrPath}.yaml`);
  if (isFile) return path;
  const near = closest(nameOrPath, names)[0];
  const hint = near ? `did you mean ${near}?` : `agents that ship: ${names.join(', ')}`;
  throw new AgentConfigError(
    `There is no agent ${nameOrPath}, neither a file of this path nor one that ships - ${hint}`,
  );
}
