/** @returns arguments for Python that run the recipe, with a launcher where it takes several processes */
export function recipeCommand(recipe: string, settings: string, processes: number, flags: readonly string[]): string[] {
  const launcher = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(processes)];
  return [...(processes > 1 ? launcher : []), `${recipe}/train.py`, settings, ...flags];
}
