import { plainLine } from '../../core/kit/text.ts';

const GAP = '\u200B';

/**
 * Event text for mrkdwn. Slack escapes three characters, and that way nothing becomes a mention, a link or a date; for what makes text
 * bold or code it has no escape, so twins that look alike stand there. See https://docs.slack.dev/messaging/formatting-message-text
 */
export function escapeMrkdwn(text: string): string {
  return (
    plainLine(text)
      .replaceAll('*', '∗')
      .replaceAll('~', '∼')
      .replaceAll('`', "'")
      // Inside a word an underscore is no emphasis, and names such as DB_PASSWORD are worth copying.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿')
      // `:fire:` is a picture, `15:55:00` a time.
      .replace(/:(?=(?!\d\d:)[\w+-]+:)/g, `:${GAP}`)
      .replaceAll('://', `:${GAP}//`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
  );
}
