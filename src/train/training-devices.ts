import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const QUERY_DEADLINE_MS = 10_000;

/** A GPU of this machine. */
export interface TrainingDevice {
  uuid: string;
  name: string;
  bytes: number;
}

/** @param only UUIDs that may be used; empty: all @returns none where no NVIDIA driver answers */
export async function trainingDevices(only: readonly string[]): Promise<TrainingDevice[]> {
  const query = ['--query-gpu=uuid,name,memory.total', '--format=csv,noheader,nounits'];
  const listed = await promisify(execFile)('nvidia-smi', query, { timeout: QUERY_DEADLINE_MS }).catch(() => null);
  const devices = (listed?.stdout ?? '').split('\n').flatMap((line): TrainingDevice[] => {
    const [uuid = '', name = '', mebibytes] = line.split(',').map((cell) => cell.trim());
    return uuid.startsWith('GPU-') ? [{ uuid, name, bytes: Number(mebibytes) * 2 ** 20 }] : [];
  });
  return only.length === 0 ? devices : devices.filter(({ uuid }) => only.includes(uuid));
}
