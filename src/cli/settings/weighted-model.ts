/** @returns the model of `MODEL@WEIGHT`, and its weight where one is given */
export function weightedModel(text: string): { model: string; weight?: number } {
  const [, model = text, weight] = /^(.*)@(\d+(?:\.\d+)?)$/s.exec(text) ?? [];
  return weight === undefined ? { model: text } : { model, weight: Number(weight) };
}
