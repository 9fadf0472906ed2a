const MODELS =
  'Claude|ChatGPT|GPT-?[345](?:\\.\\d|o)?|Gemini|Bard|Llama|DeepSeek|Qwen|Tongyi|Mistral|Mixtral|Grok|Kimi|GLM|ERNIE|Phi|Command R|Copilot|Codex|o[134](?:-mini|-preview)?';
const MAKERS =
  'Anthropic|OpenAI|Google(?: DeepMind)?|DeepMind|Meta(?: AI)?|Alibaba(?: Cloud)?|DeepSeek|Mistral(?: AI)?|xAI|Moonshot(?: AI)?|Zhipu|Baidu|Microsoft|Cohere';
/** What may stand between "I am" and a name. */
const KIND =
  '(?:an? |the )?(?:(?:large |AI |language |chat ?|virtual |helpful |coding )*(?:model|assistant|agent|bot)[ ,]*(?:called |named |known as )?)?';

/** Said of oneself. */
const SELF: readonly RegExp[] = [
  new RegExp(`\\b(?:I am|I['’]m|[Mm]y name is|[Cc]all me) ${KIND}(?:${MODELS})\\b(?![-_/\\w]|[.:]\\w|['’]s\\b)`),
  new RegExp(`\\b[Aa]s ${KIND}(?:${MODELS}),? I\\b`),
  new RegExp(`\\b(?:I am|I['’]m|[Aa]s) (?:an? )(?:${MAKERS})(?: (?:AI|language))* (?:model|assistant)\\b`),
  new RegExp(
    `\\b(?:I am|I['’]m|I was|I['’]ve been|[Aa]s) (?:an? [\\w -]{0,40}(?:model|assistant|agent|bot|AI),? )?(?:that was |which was )?(?:made|created|developed|trained|built|designed) by (?:${MAKERS})\\b`,
  ),
  new RegExp(`\\b[Mm]y (?:creators?|makers?|developers?)(?: at|,| is| are)? (?:${MAKERS})\\b`),
];

/** Signatures, which stand in code and messages of commits too. */
const SIGNED: readonly RegExp[] = [
  new RegExp(`\\bCo-Authored-By: *(?:${MODELS})\\b`, 'i'),
  /\b(?:Generated|Written|Created|Authored) (?:with|by) \[?(?:Claude|ChatGPT|GPT-?4o?|Gemini|DeepSeek|Copilot)\b/i,
  /\bnoreply@(?:anthropic|openai)\.com\b/i,
  /(?:^|\n)[\s#*/"'-]*(?:@author|Author):? *(?:Claude|ChatGPT|GPT-?4o?|Gemini|DeepSeek|Anthropic|OpenAI)\b/i,
];

const FENCED = /^[ \t]*(```|~~~)[^\n]*\n[\s\S]*?(?:^[ \t]*\1[ \t]*$|$(?![\s\S]))/gm;
const INLINE_CODE = /`[^`\n]*`/g;

/**
 * Whether an assistant's words name the model that it is, or its maker. A model that is worked with, a library, a file or a data set may
 * bear the same name: what counts is what is said of oneself, outside code, and signatures anywhere.
 */
export function leaksIdentity(text: string): boolean {
  if (SIGNED.some((signature) => signature.test(text))) return true;
  const prose = text.replaceAll(FENCED, '\n').replaceAll(INLINE_CODE, ' ');
  return SELF.some((claim) => claim.test(prose));
}
