/**
 * What Python takes for white space, for the inside of a character class. JavaScript's `\s` leaves some separators out and
 * takes the byte order mark in.
 */
export const PYTHON_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
