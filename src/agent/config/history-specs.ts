import { closest } from '../../yaml/closest.js';
import type { HistoryProcessorSpec } from './agent-config.js';
import type { ConfigSection } from './config-section.js';

const FULL: HistoryProcessorSpec = { type: 'full' };
const CLASSES = [
  'DefaultHistoryProcessor',
  'Last2Observations',
  'Last5Observations',
  'Last100Observations',
  'LastNObservations',
  'ClosedWindowHistoryProcessor',
];
const TYPES = ['full', 'last_observations', 'closed_window', 'append_only'];
const SWE_AGENT_TYPES = ['default', 'last_n_observations', 'closed_window', 'remove_regex', 'cache_control'];

function choice(known: readonly string[], name: string): string {
  const near = closest(name, known)[0];
  return near ? `write ${near}` : `write one of ${known.join(', ')}`;
}

/** `history_processor` and `history_processor_args`, the names of MLGym and SWE-agent 0. */
export function historyClass(section: ConfigSection): readonly HistoryProcessorSpec[] {
  const name = section.text('history_processor') ?? 'DefaultHistoryProcessor';
  const args = section.section('history_processor_args');
  const n = args?.count('n') ?? null;
  args?.passOver();
  if (name === 'DefaultHistoryProcessor') return [FULL];
  if (name === 'ClosedWindowHistoryProcessor') return [{ type: 'closed_window' }];
  const fixed = /^Last(2|5|100)Observations$/.exec(name)?.[1];
  if (fixed !== undefined) return [{ type: 'last_observations', n: Number(fixed) }];
  if (name === 'LastNObservations') {
    if (n !== null) return [{ type: 'last_observations', n }];
    section.error(
      'history_processor',
      'does not say how many observations stay',
      'write history_processor_args: {n: 5}',
    );
  } else {
    section.error('history_processor', `is ${name}, which is no history processor`, choice(CLASSES, name));
  }
  return [FULL];
}

/** `history_processors` of our own format: a list, applied in its order. */
export function historyList(section: ConfigSection): readonly HistoryProcessorSpec[] {
  const specs = section.sections('history_processors').flatMap((item): HistoryProcessorSpec[] => {
    const type = item.required('type', `write one of ${TYPES.join(', ')}`);
    const number = (key: string) => {
      if (!item.has(key)) item.error(key, 'is missing', `write ${key}: 5`);
      return item.count(key) ?? 1;
    };
    const spec = ((): HistoryProcessorSpec | null => {
      if (type === 'full' || type === 'closed_window') return { type };
      if (type === 'last_observations') return { type, n: number('n') };
      if (type === 'append_only') return { type, keep: number('keep'), every: number('every') };
      if (type !== '') item.error('type', `is ${type}, which is no history processor`, choice(TYPES, type));
      return null;
    })();
    item.passOver();
    return spec ? [spec] : [];
  });
  return specs.length > 0 ? specs : [FULL];
}

/** `history_processors` of SWE-agent 1. */
export function sweAgentHistory(section: ConfigSection): readonly HistoryProcessorSpec[] {
  const specs = section.sections('history_processors').flatMap((item): HistoryProcessorSpec[] => {
    const type = item.required('type', `write one of ${SWE_AGENT_TYPES.join(', ')}`);
    switch (type) {
      case '':
      case 'default':
        return [];
      case 'closed_window':
        return [{ type }];
      case 'last_n_observations': {
        if (!item.has('n')) item.error('n', 'is missing', 'write n: 5');
        const n = item.count('n') ?? 1;
        const polling = item.count('polling') ?? 1;
        item.unused({
          always_remove_output_for_tags: 'observations have no tags here',
          always_keep_output_for_tags: 'observations have no tags here',
        });
        return [{ type: 'last_observations', n, ...(polling > 1 && { polling }) }];
      }
      case 'cache_control':
        item.warning(
          'type',
          'cache_control is passed over',
          'endpoints that need marks for their prompt cache get none; others cache by themselves',
        );
        return [];
      case 'remove_regex': {
        const patterns = item.has('remove') ? item.texts('remove') : ['<diff>.*</diff>'];
        return [{ type, patterns, keepLast: item.count('keep_last', 0) ?? 0 }];
      }
      case 'tag_tool_call_observations':
      case 'image_parsing':
        item.warning(
          'type',
          `${type} is passed over`,
          'the model sees what it would have changed; remove it if that is meant',
        );
        return [];
      default:
        item.error('type', `is ${type}, which is no history processor`, choice(SWE_AGENT_TYPES, type));
        return [];
    }
  });
  return specs.length > 0 ? specs : [FULL];
}
