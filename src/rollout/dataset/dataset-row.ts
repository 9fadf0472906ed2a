import { z } from 'zod';

const count = z.int().min(0);

/** A message as trainers take it. */
export const RowMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  /** Of assistant messages that call tools; arguments are JSON text. */
  tool_calls: z.array(z.strictObject({ name: z.string(), arguments: z.string() })).optional(),
});
export type RowMessage = z.output<typeof RowMessage>;

/** One row of a dataset. Column order is that of the keys. */
export const DatasetRow = z.strictObject({
  id: z.string().describe('of the trajectory; with `#<turn>` where a row is one answer'),
  task: z.string(),
  model: z.string(),
  messages: z.array(RowMessage),
  /** Null: no tools were offered. JSON text of their definitions, which the template writes into the system message. */
  tools: z.string().nullable(),
  text: z.string().describe('the chat as the template of the student writes it'),
  loss_spans: z
    .array(z.tuple([count, count]))
    .describe('begin and end in `text`, in code points (as Python counts): an assistant turn with its end mark'),
  tokens: count,
  loss_tokens: count,
  truncated: z.boolean(),
  exit_status: z.string(),
  valid: count,
  best: z.number().nullable(),
  baseline: z.number().nullable(),
  improves: z.boolean(),
  steps: count,
});
export type DatasetRow = z.output<typeof DatasetRow>;
