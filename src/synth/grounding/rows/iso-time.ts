const DAY_MS = 86_400_000;

/** @param micros since 1970, without a zone. @returns `2024-01-02T03:04:05`, with six digits more where there is a fraction */
export function timestampText(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const whole = new Date(Number(millis));
  if (Number.isNaN(whole.getTime())) return '';
  const text = whole.toISOString().replace(/\.\d+Z$/, '');
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return fraction === 0n ? text : `${text}.${String(fraction).padStart(6, '0')}`;
}

/** @param days since 1970. @returns `2024-01-02` */
export function dateText(days: number): string {
  const date = new Date(days * DAY_MS);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}
