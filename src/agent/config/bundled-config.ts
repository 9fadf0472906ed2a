import type { AgentConfig } from './agent-config.js';
import type { CheckoutFiles } from './checkout-files.js';
import type { ConfigSection } from './config-section.js';

export async function readBundledConfig(
  _r: ConfigSection,
  _n: string,
  _f: CheckoutFiles,
): Promise<Omit<AgentConfig, 'warnings'> | null> {
  return null;
}
