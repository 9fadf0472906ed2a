/** Characters of a general category that versions of Unicode do not agree on, as ranges of hexadecimal code points. */
interface Disputed {
  /** In the category since Unicode 15 or 16. */
  since15: string;
  /** In the category since Unicode 17 only. */
  since17: string;
}

const DISPUTED: Readonly<Record<string, Disputed>> = {
  L: {
    since15:
      '1c89-1c8a a7cb-a7cd a7da-a7dc 105c0-105f3 10d4a-10d65 10d6f-10d85 10ec2-10ec4 1123f-11240 11380-11389 1138b 1138e ' +
      '11390-113b5 113b7 113d1 113d3 11bc0-11be0 11f02 11f04-11f10 11f12-11f33 1342f 13441-13446 13460-143fa 16100-1611d ' +
      '16d40-16d6c 18cff 1b132 1b155 1df25-1df2a 1e030-1e06d 1e4d0-1e4eb 1e5d0-1e5ed 1e5f0 2b739 2ebf0-2ee5d 31350-323af',
    since17:
      '88f c5c cdc a7ce-a7cf a7d2 a7d4 a7f1 10940-10959 10ec5-10ec7 11db0-11ddb 16ea0-16eb8 16ebb-16ed3 16ff2-16ff3 ' +
      '187f8-187ff 18d09-18d1e 18d80-18df2 1e6c0-1e6de 1e6e0-1e6e2 1e6e4-1e6e5 1e6e7-1e6ed 1e6f0-1e6f4 1e6fe-1e6ff 2b73a-2b73f ' +
      '2cea2-2cead 323b0-33479',
  },
  M: {
    since15:
      '897 cf3 ece 10d69-10d6d 10efc-10eff 11241 113b8-113c0 113c2 113c5 113c7-113ca 113cc-113d0 113d2 113e1-113e2 11f00-11f01 ' +
      '11f03 11f34-11f3a 11f3e-11f42 11f5a 13440 13447-13455 1611e-1612f 1e08f 1e4ec-1e4ef 1e5ee-1e5ef',
    since17: '1acf-1add 1ae0-1aeb 10efa-10efb 11b60-11b67 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5',
  },
  N: {
    since15:
      '10d40-10d49 116d0-116e3 11bf0-11bf9 11f50-11f59 16130-16139 16d70-16d79 1ccf0-1ccf9 1d2c0-1d2d3 1e4f0-1e4f9 1e5f1-1e5fa',
    since17: '11de0-11de9 16ff4-16ff6',
  },
};

/**
 * A category as the tokenizers of the field have it, which is Unicode 16 (Oniguruma 6.9.10), whatever the version of this Node.
 * @param category `L`, `M` or `N`
 * @returns a character class for patterns with the flag `v`; null for other categories
 */
export function unicodeClass(category: string): string | null {
  const disputed = Object.hasOwn(DISPUTED, category) ? DISPUTED[category] : undefined;
  if (!disputed) return null;
  return `[[\\p{${category}}${ranges(disputed.since15)}]--[${ranges(disputed.since17)}]]`;
}

/** White space of Unicode: JavaScript's has U+FEFF too, and lacks U+0085. */
export const WHITE_SPACE = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';

/** @returns code points and ranges, as a character class with the flag `v` writes them */
export function ranges(text: string): string {
  return text.replaceAll(/[0-9a-f]+/g, (code) => `\\u{${code}}`).replaceAll(' ', '');
}
