import { plainLine } from '../kit/text.ts';

/*
 * DingTalk and WeCom document no way to escape their markup, and their clients on phone and desktop render it
 * differently. So nothing here relies on an escape: what could start markup is replaced by a twin that looks alike, or
 * taken apart by a zero-width space, which no renderer reads as markup.
 */
const GAP = '\u200B';

/** Event text for a message without markup: on one line, and unable to become a mention, a link or an HTML tag. */
export function escapeText(text: string): string {
  return unlinked(
    plainLine(text)
      .replaceAll('<', '＜')
      .replace(/&(?=#?\w)/g, `&${GAP}`)
      // An image digest (name@sha256:...) is worth copying and mentions nobody.
      .replace(/@(?!sha\d{3}:)/g, `@${GAP}`),
  );
}

/** A text in which no program finds an address to make a link of. */
export function unlinked(text: string): string {
  return text.replace(/:\/\//g, `:${GAP}//`).replace(/www\./gi, (found) => `${found.slice(0, -1)}${GAP}.`);
}

/** Event text for a Markdown message: as {@link escapeText}, and unable to become an image, a heading, code or emphasis. */
export function escapeMarkdown(text: string): string {
  return (
    escapeText(text)
      .replaceAll('\\', '＼')
      .replaceAll('`', "'")
      .replaceAll('*', '∗')
      .replaceAll('~', '∼')
      .replaceAll('|', '¦')
      // Inside a word an underscore is no emphasis, and names such as DB_PASSWORD are worth copying.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿')
      // [text](target), [text][reference] and [reference]: target need the bracket's neighbour.
      .replace(/\](?=[([:])/g, `]${GAP}`)
      .replaceAll('![', `!${GAP}[`)
      .replace(/^(?=[#>+\-=]|\d+[.)])/, GAP)
  );
}

/** A command, to be copied: only what could mention somebody, be a tag or end inline code is replaced. No real name holds that. */
export function copyable(command: string): string {
  return plainLine(command).replaceAll('`', "'").replaceAll('<', '＜').replaceAll('@', `@${GAP}`);
}

export function inlineCode(command: string): string {
  return `\`${copyable(command)}\``;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text for HTML, as the content of an element or of an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A text for a service that reads a few tags of HTML, of which it is not said that it reads every entity; not for an attribute. */
export function escapeTags(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? '');
}
