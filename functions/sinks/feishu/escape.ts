import { plainLine } from '../../core/kit/text.ts';

const GAP = '\u200B';

/**
 * Event text for the Markdown of a card, on one line and unable to become a tag, mention, link, image, emoji, heading, code or
 * emphasis. What Feishu documents as an entity ("Special characters" of a card's rich text component) becomes one; URLs are taken apart, because it makes links of bare ones.
 */
export function escapeCardMarkdown(text: string): string {
  return (
    plainLine(text)
      .replace(/[&<>*[\]\\`$]/g, (character) => `&#${character.charCodeAt(0)};`)
      .replaceAll('~', '∼')
      .replaceAll('|', '¦')
      .replace(/:\/\//g, `:${GAP}//`)
      .replace(/www\./gi, (found) => `${found.slice(0, -1)}${GAP}.`)
      // A mail address would be a link too; an image digest (name@sha256:...) is worth copying.
      .replace(/@(?!sha\d{3}:)/g, `@${GAP}`)
      // :DONE: is an emoji.
      .replace(/:(?=[a-z]\w*:)/gi, '&#58;')
      // Inside a word an underscore is no emphasis, and names such as DB_PASSWORD are worth copying.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '&#95;')
      .replace(/^(?=[#+\-=]|\d+[.)])/, GAP)
  );
}
