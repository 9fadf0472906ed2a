/** Path of the native profile. */
const NATIVE_PATH = '/v1/ws';

/**
 * @param address `ws://`, `wss://`, `http://` or `https://`; without a path that of the native profile
 * @returns the URL to open a WebSocket on
 * @throws TypeError when the address is no such URL
 */
export function socketUrl(address: string | URL): URL {
  const url = new URL(address);
  const scheme = /^(?:ws|http)(s?):$/.exec(url.protocol);
  if (!scheme)
    throw new TypeError(`${url.href} is no server address: it must begin with ws://, wss://, http:// or https://`);
  const result = new URL(
    `ws${scheme[1]}://${url.host}${url.pathname === '/' ? NATIVE_PATH : url.pathname}${url.search}`,
  );
  return result;
}
