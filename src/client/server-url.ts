/** Path of the native profile. */
const NATIVE_PATH = '/v1/ws';

/**
 * @param address `ws://`, `wss://`, `http://` or `https://`; without a path that of the native profile
 * @returns the URL to open a WebSocket on
 * @throws TypeError when the address is no such URL
 */
export function socketUrl(address: string | URL): URL {
  const text = String(address);
  if (!/^(ws|http)s?:\/\//.test(text) || !URL.canParse(text)) {
    throw new TypeError(`${text} is no server address: it must look like ws://host:port, wss://, http:// or https://`);
  }
  const url = new URL(text);
  const path = url.pathname === '/' ? NATIVE_PATH : url.pathname;
  return new URL(`${url.protocol.replace('http', 'ws')}//${url.host}${path}${url.search}`);
}

/**
 * @param address of a server, as `socketUrl` takes it; the path of the native profile in it is left out
 * @param route such as `/v1/tasks`
 * @returns the URL to ask over HTTP, without what may hold a secret, and the password that the address had
 * @throws TypeError when the address is no such URL
 */
export function httpUrl(address: string | URL, route: string): { url: URL; password: string | undefined } {
  const { protocol, host, pathname } = socketUrl(address);
  const prefix = pathname.endsWith(NATIVE_PATH) ? pathname.slice(0, -NATIVE_PATH.length) : pathname.replace(/\/$/, '');
  const password = decodeURIComponent(new URL(String(address)).password);
  return {
    url: new URL(`${protocol.replace('ws', 'http')}//${host}${prefix}${route}`),
    password: password === '' ? undefined : password,
  };
}

/** @returns the address as it may stand in a message: without what may hold a secret */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
