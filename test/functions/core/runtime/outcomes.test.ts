import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delivered, rejected, retry, split } from '../../../../functions/core/contract/outcome.ts';
import { createRedactor } from '../../../../functions/core/contract/redaction.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { readAnswers, readOutcome } from '../../../../functions/core/runtime/outcomes.ts';
import { numberedEvents } from '../../../support/probe-sink.ts';

const { use, redact } = createRedactor();
use(['hunter22', 'zero\u200Bwidth\u0007bell', 'x'.repeat(30)]);
const cleaning = { redact, codes: { hunter22_refused: {} } };
const unknown = retry('unknown_outcome', 'the sink returned no outcome for this event');

function read(result: unknown, count: number) {
  const events = numberedEvents(count);
  const answers = readAnswers(result, events, cleaning);
  expect(answers.map(({ event }) => event)).toEqual(events);
  return answers.map(({ outcome }) => outcome);
}

describe('what a sink returns', () => {
  it('as one outcome is that of each event', () => {
    expect(read(delivered, 3)).toEqual([delivered, delivered, delivered]);
  });

  it('as a list is one for each event, in order', () => {
    const list = [delivered, retry('busy', 'later'), split('poison', 'one of them'), rejected('event', 'odd', 'no')];
    expect(read(list, 4)).toEqual(list);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list that is too short', [delivered]],
    ['a list that is too long', [delivered, delivered, delivered]],
    ['an empty list', []],
    ['a status nobody knows', { status: 'fine' }],
    ['a text', 'delivered'],
  ])('as %s means that it failed', (_name, result) => {
    expect(read(result, 2)).toEqual([unknown, unknown]);
  });

  it('in part as nonsense means that part failed', () => {
    expect(read([delivered, null, 'delivered'], 3)).toEqual([delivered, unknown, unknown]);
  });
});

describe('an outcome', () => {
  const outcome = (value: unknown) => readOutcome(value, cleaning);

  it('keeps the known fields of its kind and no others', () => {
    const fields = { code: 'c', detail: 'd', afterMs: 5, reconnect: true, scope: 'event', warning: 'w', more: 'x' };
    expect(outcome({ ...fields, status: 'delivered' })).toEqual({ status: 'delivered', warning: 'w' });
    expect(outcome({ ...fields, status: 'retry' })).toEqual(retry('c', 'd', { afterMs: 5, reconnect: true }));
    expect(outcome({ ...fields, status: 'rejected' })).toEqual(rejected('event', 'c', 'd'));
    expect(outcome({ ...fields, status: 'split' })).toEqual(split('c', 'd'));
  });

  it('waits for no time that is none', () => {
    for (const afterMs of [Number.NaN, Infinity, '5', null]) {
      expect(outcome({ status: 'retry', code: 'c', detail: 'd', afterMs, reconnect: 'yes' })).toEqual(retry('c', 'd'));
    }
  });

  it('has a code of one short word and a detail of one line', () => {
    expect(outcome(split(`a b\n${'c'.repeat(99)}`, 'one\ntwo\u001B[31m'))).toEqual(
      split(`a_b_${'c'.repeat(60)}`, 'one two [31m'),
    );
    expect(outcome({ status: 'retry', code: 7, detail: {} })).toEqual(retry('unknown', ''));
  });

  it('is read from anything', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({
            status: fc.constantFrom('retry', 'rejected', 'split'),
            code: fc.anything(),
            detail: fc.anything(),
          }),
        ),
        (value) => {
          expect(['delivered', 'retry', 'rejected', 'split']).toContain(outcome(value).status);
        },
      ),
    );
  });
});

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
