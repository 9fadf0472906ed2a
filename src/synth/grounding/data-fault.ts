/** Rows that make no task: who proposed the dataset was wrong about it. */
export class DataFault extends Error {
  override readonly name = 'DataFault';
}
