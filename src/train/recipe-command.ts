/** @returns arguments for Python that run the recipe, with a launcher where it takes several processes */
export function recipeCommand(recipe: string, settings: string, processes: number, flags: readonly string[]): string[] {
  // Without a network the name of a container has no address.
  const alone = ['--standalone', '--local-addr', '127.0.0.1'];
  const launcher = ['-m', 'torch.distributed.run', ...alone, '--nproc-per-node', String(processes)];
  return [...(processes > 1 ? launcher : []), `${recipe}/train.py`, settings, ...flags];
}
