/** @returns `0`, `1`, or `3-4` */
export function binName({ from, to }: { from: number; to: number }): string {
  return from === to ? String(from) : `${from}-${to}`;
}
