/** What was wrong, in the words that SWE-agent 1's templates know as `error_code`, and a few of ours. */
type FaultCode =
  /** No action where one was due. */
  | 'missing'
  /** More than one. */
  | 'multiple'
  /** The action is blank. */
  | 'blank'
  | 'invalid_command'
  | 'invalid_json'
  | 'missing_arg'
  | 'unexpected_arg'
  | 'invalid_arg'
  | 'blocked';

/** Why an output of a model cannot be used. */
export class OutputFault {
  constructor(
    /** The word for records: what becomes of `ModelCallRecord.rejected`. */
    readonly kind: 'format' | 'blocked' | 'refusal' | 'empty',
    readonly code: FaultCode,
    /** One line without a full stop. */
    readonly reason: string,
    /** What the model is told where its agent has no text of its own; null: the text of the parser. */
    readonly text: string | null = null,
    /** The action that was refused, when one could be read. */
    readonly action: string | null = null,
  ) {}
}
