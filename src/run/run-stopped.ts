/** The reason of signals when somebody stops a run: what it has is kept. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';

  constructor() {
    super('The run was stopped.');
  }
}
