/** What the files of one answer may come to: programs, and small tables beside them. */
export const FILES_LIMITS = { files: 40, fileBytes: 256 * 2 ** 10, totalBytes: 2 ** 20 } as const;
