import { describe, expect, it } from 'vitest';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { resetOptions } from '../../src/agent/reset-options.js';
import { checkout, fixture } from './checkout.js';

describe('what an agent asks of a reset [E1]', () => {
  it("is MLGym's variables as they are written, for the shell alone, and the files of commands", async () => {
    const options = resetOptions(await loadAgentConfig(fixture('mlgym/configs/agents/small.yaml')));
    expect(options.variables).toMatchObject({ WINDOW: '40', LIST: '()' });
    expect(options.command_files?.map(({ name }) => name)).toEqual(['look.sh', 'write.sh', 'plot.py', '_ruler.py']);
    expect(options.state_command).toBeUndefined();
  });

  it('is plain texts in the other formats, quoted where a shell would read more into them, for programs too', async () => {
    const root = await checkout({
      'ours.yaml': `gymsmith: 1\nsystem_template: s\ntask_template: t\ntools: {env_variables: {A: "it's $(x)", B: -R}}\n`,
      'theirs.yaml':
        'agent:\n  templates: {system_template: s, instance_template: t}\n  tools: {env_variables: {A: "it\'s $(x)", B: -R}}\n',
    });
    for (const file of ['ours.yaml', 'theirs.yaml']) {
      const options = resetOptions(await loadAgentConfig(`${root}/${file}`));
      expect(options.variables).toEqual({ A: `'it'"'"'s $(x)'`, B: '-R' });
      expect(options.command_files).toEqual([{ name: 'gymsmith_exports.sh', contents: 'export A B\n' }]);
    }
  });

  it('gives way to what the caller says', async () => {
    const config = await loadAgentConfig(fixture('swe-agent-0/config/small.yaml'));
    expect(resetOptions(config).state_command).toEqual(config.stateCommand);
    const given = { max_steps: 3, variables: { MOST: '11', NEW: '1' }, command_files: [] };
    expect(resetOptions(config, given)).toMatchObject({ ...given, variables: { MOST: '11', NEW: '1' } });
  });
});
