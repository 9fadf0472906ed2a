import { ranges } from './unicode-classes.js';

/** Text below is in form C already. */
const COMPOSED = /^[\0-\u02ff]*$/;
/**
 * Characters that are put in order or composed since versions of Unicode that Hugging Face's normalizer does not know (its tables are of
 * Unicode 9); to it each stands alone.
 */
const UNKNOWN = ranges(
  '897-898 89c-89f 8ca-8ce 9fe c3c d3b-d3c eba 1715 1ac1-1ac2 1ac5-1ac9 1acb-1adc 1ae0-1ae5 1ae7-1aeb 1df6-1df8 1dfa a82c 105d2 ' +
    '105da 10d24-10d27 10d69-10d6d 10eab-10eac 10f48-10f4a 10f4c 10f82 10f84 11070 1133b 11382 11384 1138b 11390 113c2 ' +
    '113ce-113d0 1145e 11839-1183a 11935 1193d-1193e 11943 119e0 11a34 11a47 11a99 11d42 11d44-11d45 11d97 11f41-11f42 1611e ' +
    '16121-16122 16129 1612f 16d63 16d67 16d69 16ff0-16ff1 1e08f 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ed 1e4ef 1e5ee ' +
    '1e6e3 1e6e6 1e6ee-1e6ef 1e6f5',
);
const HAS_UNKNOWN = new RegExp(`[${UNKNOWN}]`, 'v');
const KNOWN_RUN = new RegExp(`[^${UNKNOWN}]+`, 'gv');
/** V8 puts marks in order in quadratic time: a longer run of them, which no script has, is composed in parts. */
const LONG_RUN = /\p{M}{4096}/gu;

/** @returns a text in Unicode's form C as Hugging Face's tokenizers bring it there */
export function formC(text: string): string {
  if (COMPOSED.test(text)) return text;
  return HAS_UNKNOWN.test(text) ? text.replaceAll(KNOWN_RUN, compose) : compose(text);
}

function compose(text: string): string {
  let out = '';
  let at = 0;
  for (const { index, 0: run } of text.matchAll(LONG_RUN)) {
    out += text.slice(at, index + run.length).normalize('NFC');
    at = index + run.length;
  }
  return out + text.slice(at).normalize('NFC');
}
