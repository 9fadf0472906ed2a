function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * Names that a mistyped one was probably meant to be, best first.
 * @param limit most to return
 */
export function closest(name: string, known: Iterable<string>, limit = 3): string[] {
  const wanted = name.slice(0, 200).toLowerCase();
  const most = Math.max(2, Math.floor(wanted.length / 3));
  return [...known]
    .map((candidate) => {
      const other = candidate.toLowerCase();
      const inside = wanted.length >= 3 && other.includes(wanted);
      // Of names that contain it the one that adds least.
      return { candidate, cost: inside ? 1 - 1 / (1 + other.length - wanted.length) : distance(wanted, other) };
    })
    .filter(({ cost }) => cost <= most)
    .sort((a, b) => a.cost - b.cost || a.candidate.localeCompare(b.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}
