import { BASH_BLOCKS_TEXT, ONE_BASH_BLOCK_TEXT } from './format-texts.js';
import { OutputFault } from './output-fault.js';
import type { ResponseParser } from './response-parser.js';

const OPENING = '```bash\n';
const CLOSING = '\n```';

function bashBlocks(text: string): { blocks: string[]; around: string } {
  const blocks: string[] = [];
  let around = '';
  for (let at = 0; ; ) {
    const start = text.indexOf(OPENING, at);
    const end = start < 0 ? -1 : text.indexOf(CLOSING, start + OPENING.length);
    if (end < 0) return { blocks, around: around + text.slice(at) };
    around += text.slice(at, start);
    blocks.push(text.slice(start + OPENING.length, end));
    at = end + CLOSING.length;
  }
}

/** Every block that is marked as bash, one after the other. */
export const allBashBlocksParser: ResponseParser = {
  name: 'all_bash_code_blocks',
  formatErrorTemplate: BASH_BLOCKS_TEXT,
  parse: (text) => {
    const { blocks, around } = bashBlocks(text);
    if (blocks.length === 0) return new OutputFault('format', 'missing', 'there is no block of bash');
    return { thought: around, action: blocks.join('\n') };
  },
};

/** Exactly one block that is marked as bash. */
export const singleBashBlockParser: ResponseParser = {
  name: 'single_bash_code_block',
  formatErrorTemplate: ONE_BASH_BLOCK_TEXT,
  parse: (text) => {
    const { blocks, around } = bashBlocks(text);
    const [action, ...more] = blocks;
    if (action === undefined) return new OutputFault('format', 'missing', 'there is no block of bash');
    if (more.length > 0) return new OutputFault('format', 'multiple', 'there is more than one block of bash');
    return { thought: around, action };
  },
};
