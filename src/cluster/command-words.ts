/**
 * Splits a command line into its words without a shell: blanks separate, quotes group, a backslash takes the next character as it is
 * (in single quotes it stands for itself). Nothing is expanded. Null: a quote is not closed, or there is no word.
 */
export function commandWords(line: string): readonly string[] | null {
  const words: string[] = [];
  // Null between words: an empty pair of quotes is a word too.
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === "\\" && quote !== "'") {
      index += 1;
      if (index === line.length) return null;
      word = (word ?? "") + line.charAt(index);
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== null) words.push(word);
  return quote !== null || words.length === 0 ? null : words;
}
