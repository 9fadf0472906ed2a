import { RunError } from '../../../run/run-error.js';
import { StudentTokenizer } from '../../tokens/student-tokenizer.js';

/** @param place of the student's tokenizer; null: tokens are estimated @throws RunError for one that cannot be used */
export async function openTokenizer(place: string | null): Promise<StudentTokenizer> {
  try {
    return await StudentTokenizer.open(place);
  } catch (error) {
    throw new RunError(
      (error as Error).message,
      'Name the directory of the student with --tokenizer, or leave it out.',
      {
        cause: error,
      },
    );
  }
}
