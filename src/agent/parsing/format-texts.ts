const DISCUSSION = `DISCUSSION
Discuss here with yourself about what you are planning and what you are going to do in this step.

\`\`\`
command(s) that you're going to run
\`\`\`
`;

/** MLGym's text, to the letter. */
export const MLGYM_FORMAT_TEXT = `Your output was not formatted correctly. Your commands were not executed.
You must always include one discussion and one command as part of your response.
Make sure you do not have multiple discussion/command tags.

Please make sure your output precisely matches the following format:
${DISCUSSION}`;

/** MLGym's and SWE-agent's text, to the letter. */
export const THOUGHT_ACTION_FORMAT_TEXT = `Your output was not formatted correctly. You must always include one discussion and one command as part of your response. Make sure you do not have multiple discussion/command tags.
Please make sure your output precisely matches the following format:
${DISCUSSION}`;

/** @param names commands that may open an output */
export function actionFormatText(names: readonly string[]): string {
  return `Your output was not executed: it does not begin with a known command.
Write one command with its arguments and nothing else. The known commands are: ${names.join(', ')}.
`;
}

export const XML_FORMAT_TEXT = `Your output was not executed: no command was found in it.
Write what you think first, and then one command between tags, like this:

<command>
the command to run
</command>
`;

export const EDIT_FORMAT_TEXT = `Your output was not executed: no replacement text was found in it.
Write your remarks first, if you have any. Then write the whole new text of the window between two lines of three backticks, indented as
it must stand in the file and without line numbers:

\`\`\`
the new text of the window
\`\`\`
`;

export const IDENTITY_FORMAT_TEXT = 'Your output could not be used. Please write it again.\n';

export const JSON_FORMAT_TEXT = `Your output was not executed: it is not the JSON object that was expected.
Write one JSON object and nothing around it, in this form:

{"thought": "what you think", "command": {"name": "the command", "arguments": {"name of an argument": "its value"}}}
`;

export const ONE_BASH_BLOCK_TEXT = `Your output was not executed: it must hold exactly one block of bash.
Write what you think first, and then the command in one block like this:

\`\`\`bash
the command to run
\`\`\`
`;

export const BASH_BLOCKS_TEXT = `Your output was not executed: it holds no block of bash. Blocks without the word bash are not executed.
Write what you think, and every command in a block like this:

\`\`\`bash
the command to run
\`\`\`
`;

export const XML_FUNCTION_TEXT = `Your output was not executed: no call that could be made was found in it.
Write what you think first, and then one call of a known function with all its parameters, like this:

<function=name_of_the_function>
<parameter=name_of_the_parameter>its value</parameter>
</function>
`;
