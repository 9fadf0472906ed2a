/** What a file is by its first bytes: directory that such files lie in, and extension. */
const KINDS: readonly { at: number; starts: string; directory: string; extension: string }[] = [
  { at: 0, starts: '\x89PNG', directory: 'images', extension: 'png' },
  { at: 0, starts: '\xff\xd8\xff', directory: 'images', extension: 'jpg' },
  { at: 0, starts: 'GIF8', directory: 'images', extension: 'gif' },
  { at: 0, starts: 'BM', directory: 'images', extension: 'bmp' },
  { at: 8, starts: 'WEBP', directory: 'images', extension: 'webp' },
  { at: 0, starts: 'II*\0', directory: 'images', extension: 'tif' },
  { at: 0, starts: 'MM\0*', directory: 'images', extension: 'tif' },
  { at: 8, starts: 'WAVE', directory: 'audio', extension: 'wav' },
  { at: 0, starts: 'fLaC', directory: 'audio', extension: 'flac' },
  { at: 0, starts: 'OggS', directory: 'audio', extension: 'ogg' },
  { at: 0, starts: 'ID3', directory: 'audio', extension: 'mp3' },
  { at: 0, starts: '\xff\xfb', directory: 'audio', extension: 'mp3' },
  { at: 0, starts: '%PDF', directory: 'files', extension: 'pdf' },
];

/** @param name that the dataset gives the file, whose extension counts where the bytes say nothing */
export function fileKind(bytes: Uint8Array, name: string | null): { directory: string; extension: string } {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  const kind = KINDS.find(({ at, starts }) => head.startsWith(starts, at));
  if (kind) return { directory: kind.directory, extension: kind.extension };
  return { directory: 'files', extension: /\.([a-z0-9]{1,5})$/i.exec(name ?? '')?.[1]?.toLowerCase() ?? 'bin' };
}
