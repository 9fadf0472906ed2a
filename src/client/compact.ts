/** @returns the record without its undefined fields: msgpack would write them, and other languages cannot read that */
export function compact<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
