import { marked, type Token } from 'marked';

/** Everything a GitHub-flavoured parser, more eager than the chats' own, sees in a text. */
export function markdownTokens(source: string): readonly Token[] {
  const found: Token[] = [];
  // What it returns is for visitors that are asynchronous.
  void marked.walkTokens(marked.lexer(source, { gfm: true }), (token) => void found.push(token));
  return found;
}

/** The targets of links and images. */
export function markdownTargets(source: string): readonly string[] {
  return markdownTokens(source).flatMap((token) =>
    token.type === 'link' || token.type === 'image' ? [String(token['href'])] : [],
  );
}

export function markdownKinds(source: string): readonly string[] {
  return markdownTokens(source).map(({ type }) => type);
}
