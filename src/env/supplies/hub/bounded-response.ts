import { SupplyFault } from '../supply-fault.js';

/**
 * @param maxBytes what its body may have; one that goes on rejects with a SupplyFault when it is read
 * @returns the same response, bounded: what asks for it may take it into memory whole
 */
export function boundedResponse(response: Response, maxBytes: number, what: string): Response {
  if (!response.body) return response;
  let bytes = 0;
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new SupplyFault(`The Hub sends more than the ${maxBytes} bytes of ${what}.`);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers, url } = response;
  const bounded = new Response(response.body.pipeThrough(watch), { status, statusText, headers });
  return Object.defineProperty(bounded, 'url', { value: url });
}
