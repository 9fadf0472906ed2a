import fc from 'fast-check';

const WORDS = [
  "it's",
  "THEY'LL",
  "'ſ",
  'def f(x):\n    return x\n',
  '12345.678',
  '   ',
  '\n\n  \n',
  '\t',
  '\r\n',
  ' \u00a0',
  '\u3000',
  '\u0085',
  '\ufeff',
  'e\u0301',
  'ﬁ',
  'Å',
  '한국어',
  '各',
  '汉字',
  'नमस्ते',
  '🎉👩‍💻',
  '<|im_end|>',
  '<|im_',
  '<think>',
  '</think>',
  '<tool_call>',
  'ßſK',
  '____',
  '----====',
  '{"a": [1, 2]}',
  'https://x.y/z?q=1&r=%20',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
];

/** Code, numbers, space, marks of the template and any characters, in any order; no half of a surrogate pair. */
export function arbitraryText(): fc.Arbitrary<string> {
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
    { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
    { weight: 1, arbitrary: fc.integer().map(String) },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...' \t\n\r'), maxLength: 9 }) },
  );
  return fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''));
}
