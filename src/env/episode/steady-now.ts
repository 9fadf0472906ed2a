/** Unix time in milliseconds by a clock that is never set: a machine that corrects its time must not end an episode. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
