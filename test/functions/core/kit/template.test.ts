import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWith } from '../../../../functions/core/contract/config.ts';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import {
  renderText,
  renderTree,
  renderUrl,
  templateProblem,
  templateTree,
} from '../../../../functions/core/kit/template.ts';

const event = sampleEvent({
  count: 7,
  message: 'it "failed"\n\\ 🔥',
  involvedObject: { kind: 'Pod', labels: { app: 'api' } },
});

describe('a template', () => {
  it('renders expressions, filters and conditions over the event', () => {
    expect(renderText('${ event.reason | upcase } ${ event.object.kind } x${ event.count }', { event })).toBe(
      'BACKOFF Pod x7',
    );
    expect(renderText('{% if event.count > 5 %}many{% else %}few{% endif %}', { event })).toBe('many');
    expect(renderText('${ event.object.labels.app }${ event.object.labels.none }', { event })).toBe('api');
  });

  it('shows an object inside of a text as JSON', () => {
    expect(renderText('labels ${ event.object.labels }', { event })).toBe('labels {"app":"api"}');
    expect(renderUrl('https://a.example.com/?l=${ event.object.labels }', { event })).toBe(
      'https://a.example.com/?l=%7B%22app%22%3A%22api%22%7D',
    );
  });

  it('has filters that Liquid lacks: the end of a text, titles, and what a text begins and ends with', () => {
    const rendered = (source: string): string => renderText(source, { event });

    expect(rendered('${ event.reason | tail: 3 } ${ event.reason | tail: 99 } ${ event.reason | tail: 0 }|')).toBe(
      'Off BackOff |',
    );
    expect(rendered('${ event.message | tail: 1 }')).toBe('🔥');
    expect(rendered('${ event.reason | tail: -1 }${ event.reason | tail: "x" }${ event.reason | tail: 2.9 }')).toBe(
      'ff',
    );
    expect(rendered('${ "back off, éa" | title }')).toBe('Back Off, Éa');
    expect(rendered('${ event.reason | trim_prefix: "Back" }${ event.reason | trim_prefix: "Off" }')).toBe(
      'OffBackOff',
    );
    expect(rendered('${ event.reason | trim_suffix: "Off" }${ event.reason | trim_suffix: "Back" }')).toBe(
      'BackBackOff',
    );
    expect(rendered('${ event.object.labels.none | tail: 2 }${ event.object.labels.none | title }')).toBe('');
  });

  it('names owner, node and what the relay looked up, which are empty where they are not known', () => {
    const source =
      '${ event.owner.kind }/${ event.owner.name }{% if event.owner.guessed %}?{% endif %} ${ event.node } ${ event.namespace.labels.team } ${ event.namespace.annotations["a.b/c"] }';
    const known = {
      ...sampleEvent(),
      owner: { kind: 'Deployment', name: 'checkout', guessed: true } as const,
      node: 'node-1',
      namespace: { labels: { team: 'payments' }, annotations: { 'a.b/c': '#payments' } },
    };

    expect(templateProblem(source)).toBeUndefined();
    expect(renderText(source, { event: known })).toBe('Deployment/checkout? node-1 payments #payments');
    expect(renderText(source, { event: sampleEvent() })).toBe('/   ');
  });

  it('writes times in UTC, wherever it runs, or in the zone that is named', () => {
    expect(
      renderText('${ event.firstSeen | date: "%H:%M" } ${ event.firstSeen | date: "%H:%M", "Asia/Tokyo" }', { event }),
    ).toBe('07:55 16:55');
  });

  it('keeps the type of a value that is alone in its string', () => {
    const tree = {
      count: '${ event.count }',
      text: 'x${ event.count }',
      blanks: ' ${ event.count }\n',
      times: '${ event.count } times',
      list: ['${ event.object.kind }', 1, null, true],
      labels: '${ event.object.labels }',
      none: '${ event.object.labels.none }',
    };
    expect(renderTree(tree, { event })).toEqual({
      count: 7,
      text: 'x7',
      blanks: 7,
      times: '7 times',
      list: ['Pod', 1, null, true],
      labels: { app: 'api' },
      none: null,
    });
  });

  it('gives valid JSON whatever the message is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const rendered = renderTree(
          { text: 'a ${ event.message } z', alone: '${ event.message }' },
          { event: sampleEvent({ message }) },
        );
        const text = sampleEvent({ message }).message;
        expect(JSON.parse(JSON.stringify(rendered))).toEqual({ text: `a ${text} z`, alone: text });
      }),
    );
  });

  it('shows nothing of what every object of the language has', () => {
    const source = '${ event.object.labels.constructor }|${ event.raw.toString }|${ event.object.labels.__proto__ }';

    expect(renderText(source, { event })).toBe('||');
  });

  it('does not run what an event says', () => {
    expect(
      renderText('${ event.message }', { event: sampleEvent({ message: '${ event.reason } {% if true %}' }) }),
    ).toBe('${ event.reason } {% if true %}');
  });
});

it('a template is read up to a hundred thousand characters', () => {
  const expression = '${ event.reason }';
  expect(templateProblem(expression.padEnd(100_000))).toBeUndefined();
  expect(templateProblem(expression.padEnd(100_001))).toContain('limit exceeded');
});

describe('a mistake', () => {
  it.each([
    ['{{ .Message }}', /contains \{\{/],
    ['${ event.mesage }', /unknown name event\.mesage \(did you mean message\?\)/],
    ['${ event.owner.nme }', /unknown name event\.owner\.nme \(did you mean name\?\)/],
    ['${ event.namespace.team }', /unknown name event\.namespace\.team \(event\.namespace has: labels, annotations\)/],
    ['${ event.object.nmespace }', /unknown name event\.object\.nmespace \(did you mean namespace\?\)/],
    ['${ event.text }', /unknown name event\.text \(event has: id, /],
    ['${ evnt.message }', /unknown name evnt \(did you mean event\?\)/],
    ['${ it.message }', /unknown name it \(templates have: event\)/],
    ['${ event.message', /not closed/],
    ['${ event.message | shout }', /undefined filter: shout/],
    ['${ event.message.text }', undefined],
    ['${ event.object.labels["a.b/c"] } ${ event.raw.reportingInstance }', undefined],
    ['${ event.severity }', undefined],
    ['plain $HOME and $(x)', undefined],
  ])('%s is told before it matters', (source, problem) => {
    if (problem === undefined) expect(templateProblem(source)).toBeUndefined();
    else expect(templateProblem(source)).toMatch(problem);
  });

  it('in a tree is named by its place', () => {
    const parsed = parseWith(templateTree(), { a: [{ b: '${ event.nope }' }] });
    expect(parsed).toMatchObject({ problems: [{ field: 'a[0].b' }] });
  });
});
