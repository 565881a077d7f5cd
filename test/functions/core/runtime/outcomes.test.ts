import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../../functions/core/contract/redaction.ts';
import { readAnswers, readOutcome } from '../../../../functions/core/runtime/outcomes.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';

const { use, redact } = createRedactor();
use(['hunter22', 'zero\u200Bwidth\u0007bell', 'x'.repeat(30)]);
const cleaning = { redact, codes: { hunter22_refused: {} } };

describe('what a sink says', () => {
  it('is shown without its secrets: detail, code and warning', () => {
    expect(readOutcome({ status: 'delivered', warning: 'hunter22 is unknown' }, cleaning)).toEqual({
      status: 'delivered',
      warning: '[secret] is unknown',
    });
    expect(readOutcome({ status: 'retry', code: 'bad_hunter22', detail: 'no hunter22' }, cleaning)).toMatchObject({
      code: 'bad__secret_',
      detail: 'no [secret]',
    });
    expect(readOutcome({ status: 'split', code: 'c', detail: 'hunter22' }, cleaning)).toMatchObject({
      detail: '[secret]',
    });
    expect(readOutcome({ status: 'rejected', code: 'c', detail: 'hunter22' }, cleaning)).toMatchObject({
      detail: '[secret]',
    });
  });

  it('keeps a code that the sink has declared, whatever words are secret', () => {
    expect(readOutcome({ status: 'retry', code: 'hunter22_refused', detail: '' }, cleaning)).toMatchObject({
      code: 'hunter22_refused',
    });
  });

  it('is cleaned before it is made printable and before it is cut', () => {
    const detailOf = (detail: string) => readOutcome({ status: 'retry', code: 'c', detail }, cleaning);
    expect(detailOf('a zero\u200Bwidth\u0007bell b')).toMatchObject({ detail: 'a [secret] b' });
    expect(detailOf(`${'-'.repeat(1010)}${'x'.repeat(30)}-`)).toMatchObject({ detail: `${'-'.repeat(1010)}[secret]-` });
  });

  it('is cleaned for each event of a parcel', () => {
    const answers = readAnswers(
      [
        { status: 'retry', code: 'c', detail: 'hunter22' },
        { status: 'retry', code: 'c', detail: 'aHVudGVyMjI=' },
      ],
      [sampleEvent(), sampleEvent()],
      cleaning,
    );
    expect(answers.map(({ outcome }) => outcome)).toMatchObject([{ detail: '[secret]' }, { detail: '[secret]=' }]);
  });
});
