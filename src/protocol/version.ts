/** Version of the native wire protocol; raised when a message changes in a way that an older peer cannot read. */
export const PROTOCOL_VERSION = 1;

/** Name and version of this software as told to peers. */
export const SOFTWARE = { name: 'gymsmith', version: '0.1.0' } as const;
