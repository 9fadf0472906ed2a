import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readYaml } from '../../yaml/yaml.js';
import type { CommandArgument } from './agent-config.js';
import { type CheckoutFiles, readTextFile } from './checkout-files.js';
import type { DocumentedCommand } from './command-file.js';
import { ConfigSection } from './config-section.js';

/** A directory of tools in SWE-agent 1's manner. */
export interface ToolBundle {
  /** As the configuration names it. */
  path: string;
  directory: string;
  commands: readonly DocumentedCommand[];
  /** Name of the program that writes the state; null: none does. */
  stateCommand: string | null;
  /** Texts of the programs in `bin`, by name. */
  programs: ReadonlyMap<string, string>;
  /** Python modules in `lib`, by name. */
  modules: ReadonlyMap<string, string>;
  /** It has a script that SWE-agent runs when it is installed. */
  hasInstaller: boolean;
}

const ARGUMENT_NAME = /^[A-Za-z_][\w-]*$/;

async function texts(directory: string, ending: string): Promise<Map<string, string>> {
  const names = await readdir(directory).catch(() => []);
  const found = new Map<string, string>();
  for (const name of names.sort()) {
    if (!name.endsWith(ending)) continue;
    // What is no text is no program that could be sent.
    const text = await readTextFile(join(directory, name)).catch(() => null);
    if (text !== null) found.set(name.slice(0, name.length - ending.length), text);
  }
  return found;
}

/** Reads a bundle that `bundles` names. @returns null, reported, when there is none */
export async function readBundle(item: ConfigSection, files: CheckoutFiles): Promise<ToolBundle | null> {
  const path = item.required('path', 'write path: tools/<name>');
  const hidden = item.texts('hidden_tools');
  item.passOver();
  if (path === '') return null;
  const directory = await files.find(path);
  const config = directory === null ? null : await files.find(join(directory, 'config.yaml'));
  if (directory === null || config === null) {
    item.error('path', `there is no ${join(path, 'config.yaml')}`, 'write a path from the root of the checkout');
    return null;
  }
  const { faults } = item.source;
  const root = ConfigSection.root({ file: files.show(config), yaml: readYaml(await readTextFile(config)), faults });
  if (root === null) return null;
  const tools = root.section('tools');
  const commands = (tools?.keys() ?? []).flatMap((name) => (tools ? readTool(tools, name) : []));
  for (const name of hidden.filter((name) => !tools?.has(name))) {
    item.error('hidden_tools', `there is no tool ${name} in ${path}`, 'remove it');
  }
  const stateCommand = root.text('state_command');
  root.passOver();
  return {
    path,
    directory,
    commands: commands.filter(({ name }) => !hidden.includes(name)),
    stateCommand,
    programs: await texts(join(directory, 'bin'), ''),
    modules: await texts(join(directory, 'lib'), '.py'),
    hasInstaller: (await readdir(directory)).includes('install.sh'),
  };
}

function readTool(tools: ConfigSection, name: string): DocumentedCommand[] {
  const tool = tools.section(name);
  if (tool === null) {
    if (!tools.has(name)) tools.error(name, 'is empty', 'give it a docstring and arguments');
    return [];
  }
  const args = tool.sections('arguments').map(readArgument);
  const command = {
    name,
    docstring: tool.text('docstring'),
    signature: tool.text('signature'),
    endName: tool.text('end_name'),
    arguments: args,
    listsArguments: args.length > 0,
    file: tool.source.file,
    line: tool.lineOf(['docstring']),
  };
  tool.passOver();
  checkSignature(tool, command);
  return [command];
}

function readArgument(section: ConfigSection): CommandArgument {
  const text = (key: string) => section.required(key, `write ${key}: ...`);
  const name = text('name');
  if (name !== '' && !ARGUMENT_NAME.test(name)) {
    section.error('name', `is ${name}, which is no name of an argument`, 'use letters, digits, "_" and "-"');
  }
  if (!section.has('required')) section.error('required', 'is missing', 'write required: true or required: false');
  const items = section.section('items');
  const elementType = items?.text('type') ?? null;
  const format = section.text('argument_format');
  const argument = {
    name,
    type: text('type'),
    description: text('description'),
    required: section.flag('required', false),
    ...(section.has('enum') && { values: section.texts('enum') }),
    ...(elementType !== null && { elementType }),
    ...(format !== null && { format }),
  };
  section.passOver();
  return argument;
}

/** SWE-agent refuses tools whose signature leaves an argument out, since calls are written by it. */
function checkSignature(tool: ConfigSection, { name, signature, arguments: args }: DocumentedCommand): void {
  const names = args.map((arg) => arg.name);
  const twice = names.find((arg, index) => names.indexOf(arg) !== index);
  if (twice !== undefined) tool.error('arguments', `have two of the name ${twice}`, 'rename one of them');
  const first = args.findIndex(({ required }) => !required);
  const late = args.find(({ required }, index) => required && first >= 0 && index > first);
  if (late) tool.error('arguments', `have the required ${late.name} behind one that is not`, 'put required ones first');
  if (signature === null) return;
  const written = [...signature.matchAll(/\[?<([A-Za-z_][\w-]*)>\]?|\{([^{}]*)\}/g)].map(([, a, b]) => a ?? b ?? '');
  const missing = names.find((arg) => !written.includes(arg) && !signature.includes(`--${arg}`));
  if (missing !== undefined)
    tool.error('signature', `of ${name} leaves ${missing} out`, `write <${missing}> where it belongs`);
  const extra = written.find((arg) => !names.includes(arg));
  if (extra !== undefined)
    tool.error('signature', `of ${name} has <${extra}>, which is no argument`, 'add it to arguments');
}
