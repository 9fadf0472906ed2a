/** What a parameter of a statement may be. */
export type Binding = string | number | bigint | boolean | null | undefined;

/**
 * What may be handed to the database. Its driver takes anything: it aborts the process at a boolean, keeps a number that is none as null,
 * and a text up to its first NUL.
 * @throws TypeError at a number that is none
 */
export function bindings(values: readonly Binding[]): (string | number | bigint | null)[] {
  return values.map((value) => {
    switch (typeof value) {
      case 'boolean':
        return value ? 1 : 0;
      case 'number':
        if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be kept in a database`);
        return value;
      case 'string':
        return value.replaceAll('\0', '\ufffd');
      default:
        return value ?? null;
    }
  });
}
