import { pythonStrip } from '../../python/python-strip.js';
import type { ModelReply } from '../models/model.js';
import { OutputFault } from '../parsing/output-fault.js';
import type { FaultTexts } from './dialect.js';

/** Tells an output that cannot be read from one that refuses, and from one that says nothing. */
export function outputKind(reply: ModelReply, fault: OutputFault): OutputFault {
  if (fault.kind !== 'format') return fault;
  const isEmpty = pythonStrip(reply.text) === '' && reply.toolCalls.length === 0;
  const kind = reply.refusal !== null ? 'refusal' : isEmpty ? 'empty' : 'format';
  return new OutputFault(kind, fault.code, fault.reason, fault.text, fault.action);
}

/**
 * What a model is told whose output was not used: the words of its agent, or ours.
 * @throws what the texts throw: a template that cannot be filled in
 */
export function faultText(texts: FaultTexts, fault: OutputFault, fallback: string, calls = 0): string {
  if (fault.kind === 'blocked') return texts.blockError(fault.action ?? '');
  const facts = { error_code: fault.code, exception_message: fault.reason, num_tools: String(calls) };
  return texts.formatError(facts) ?? fallback;
}
