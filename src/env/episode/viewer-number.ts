/** The number of lines that a shell variable stands for, if it is one. */
export function viewerNumber(value: string | undefined): number | null {
  const digits = /^\s*(["']?)(?<digits>\d{1,6})\1\s*$/.exec(value ?? '')?.groups?.digits;
  return digits && Number(digits) > 0 ? Number(digits) : null;
}
