import { z } from 'zod';

/** Endpoints differ in what they leave out and what they call null; what is read is only what is needed. */
const count = z.int().min(0).nullish().catch(null);

/** Counts that are none make the whole usage unknown: what it came to is then estimated, never less than nothing. */
const Usage = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0).nullish(),
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
  prompt_cache_hit_tokens: count,
  cached_tokens: count,
});

const part = z.looseObject({ type: z.string().nullish(), text: z.string().nullish() });
const content = z.union([z.string(), z.array(part)]).nullish();

const Call = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z
    .object({
      name: z.string().nullish(),
      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
    })
    .nullish(),
});

const Message = z.object({
  content,
  refusal: z.string().nullish().catch(null),
  reasoning_content: z.string().nullish().catch(null),
  reasoning: z.string().nullish().catch(null),
  tool_calls: z.array(Call).nullish(),
});

const finish = z.string().nullish();

/** A whole answer. */
export const CompletionShape = z.object({
  choices: z.array(z.object({ message: Message, finish_reason: finish })),
  usage: Usage.nullish().catch(null),
});

/** A piece of a streamed one. */
export const ChunkShape = z.object({
  choices: z
    .array(z.object({ index: z.number().nullish(), delta: Message.nullish(), finish_reason: finish }))
    .nullish(),
  usage: Usage.nullish().catch(null),
});

export type MessageShape = z.infer<typeof Message>;
export type CallShape = z.infer<typeof Call>;
export type UsageShape = z.infer<typeof Usage>;
export type ContentShape = z.infer<typeof content>;
