import type { ChatMessage, Model, ModelReply, ModelRequest } from './model.js';

/** A model that is asked with a seed of its own where the endpoint takes one; all else is the model's. */
export class SeededModel implements Model {
  readonly answersWithAction?: boolean;

  constructor(
    private readonly model: Model,
    private readonly seed: number,
  ) {
    if (model.answersWithAction !== undefined) this.answersWithAction = model.answersWithAction;
  }

  get name(): string {
    return this.model.name;
  }

  get contextTokens(): number | null {
    return this.model.contextTokens;
  }

  query(request: ModelRequest): Promise<ModelReply> {
    return this.model.query({ seed: this.seed, ...request });
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return this.model.countTokens(messages);
  }
}
