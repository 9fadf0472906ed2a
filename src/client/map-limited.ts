/**
 * Calls `visit` for every item, at most `limit` at once.
 * @returns the results in the order of the items
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  visit: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await visit(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
