import { actionReply } from './action-reply.js';
import type { ModelRequest } from './model.js';
import { ScriptedModel } from './scripted-model.js';

const RUN = 'I run the baseline as it is.';
const SUBMIT = 'The baseline has run; I submit what it made.';

/** MLGym's `submit_baseline`: runs the baseline, then submits. Serves any number of episodes. */
export class SubmitBaselineModel extends ScriptedModel {
  constructor() {
    super(
      (request) =>
        hasRun(request) ? actionReply('submit', request, SUBMIT) : actionReply('python baseline.py', request, RUN),
      {
        name: 'submit_baseline',
      },
    );
  }
}

function hasRun({ messages }: ModelRequest): boolean {
  return messages.some((message) => message.role === 'assistant' && message.content.includes(RUN));
}
