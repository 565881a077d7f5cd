import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../functions/core/contract/redaction.ts';
import { config } from '../../../functions/sinks/webhook/config.ts';
import { restoredText, shownText } from '../../../infra/console/shown-document.ts';

const SECRET = 'Bearer very-secret-indeed';
const { use, redact } = createRedactor();
use([SECRET]);
const showing = { config, redact };

/** Documents of a webhook with anything in them, a secret in some places, and some that say `[secret]` by themselves. */
const texts = fc.oneof(fc.string(), fc.constantFrom(SECRET, `see ${SECRET}!`, '[secret]', 'a [secret] b'));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    texts,
    fc.integer(),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
  ),
}));
const documents = fc
  .record({ url: value, secretHeaders: value, headers: value, body: value, filter: value }, { requiredKeys: [] })
  .map((document) => JSON.stringify(document));

describe('a document that is shown', () => {
  it('holds no secret, and is the stored one again when it comes back as it was', () => {
    fc.assert(
      fc.property(documents, (stored) => {
        const shown = shownText(stored, showing);
        const { text, problems } = restoredText(shown, stored, showing);

        expect(shown).not.toContain('very-secret');
        const { url = '[secret]', secretHeaders = '[secret]' } = JSON.parse(shown);
        expect([url, secretHeaders]).toEqual(['[secret]', '[secret]']);
        expect(problems).toEqual([]);
        expect(JSON.parse(text)).toEqual(JSON.parse(stored));
      }),
    );
  });

  it('never puts a secret anywhere but where it was', () => {
    fc.assert(
      fc.property(documents, documents, (typed, stored) => {
        const { text, problems } = restoredText(shownText(typed, showing), stored, showing);
        const [restored, before] = [JSON.parse(text), JSON.parse(stored)];
        // Each field is as it was typed, or as it was stored.
        if (problems.length === 0 && restored.url !== undefined) expect(restored.url).toEqual(before.url);
      }),
    );
  });

  it('is what was typed to the letter, where nothing was hidden', () => {
    const typed = '{ "method":"PUT" ,\n"headers": {}}';

    expect(restoredText(typed, '{"url":"https://a"}', showing)).toEqual({ text: typed, problems: [] });
    expect(restoredText('{', undefined, showing)).toEqual({ text: '{', problems: [] });
  });
});
