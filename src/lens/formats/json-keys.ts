/** The keys of the outermost object of a text that JSON.parse accepts, in order, with duplicates: JSON.parse silently
 *  keeps the last. */
export function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let string = -1; // where the last string at depth 1 begins
  let end = -1; // and ends
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') {
      const begin = i;
      for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth === 1) [string, end] = [begin, i + 1];
    } else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') depth--;
    else if (c === ':' && depth === 1) keys.push(JSON.parse(text.slice(string, end)) as string);
  }
  return keys;
}
