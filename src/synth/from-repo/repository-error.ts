/** A code base cannot be read, or is none that tasks can be made from. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}
