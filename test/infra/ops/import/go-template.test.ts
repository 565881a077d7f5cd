import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../../../../functions/core/contract/sample.ts';
import { renderText, renderTree, templateProblem } from '../../../../functions/core/kit/template.ts';
import { translateBody, translateText } from '../../../../infra/ops/import/go-template.ts';

describe('a Go template', () => {
  test.each([
    ['{{ .Message }}', '${ event.message }'],
    ['{{.InvolvedObject.Namespace}}/{{.InvolvedObject.Name}}', '${ event.object.namespace }/${ event.object.name }'],
    ['{{ .Reason | upper }}', '${ event.reason | upcase }'],
    ['{{ upper .Reason }}', '${ event.reason | upcase }'],
    ['{{ .Message | trunc 20 | js }}', '${ event.message | slice: 0, 20 }'],
    ['{{ default "none" .Source.Host }}', '${ event.source.host | default: "none" }'],
    ['{{ .Message | replace "a" "b" }}', '${ event.message | replace: "a", "b" }'],
    ['{{ printf "%s in %s" .Reason .Namespace }}', '${ event.reason } in ${ event.eventNamespace }'],
    [
      '{{ index .InvolvedObject.Labels "app.kubernetes.io/name" }}!',
      '${ event.object.labels["app.kubernetes.io/name"] }!',
    ],
    ['{{ .InvolvedObject.Annotations.team }}!', '${ event.object.annotations.team }!'],
    ['{{ toJson . }}', '${ event.raw | json }'],
    ['a {{- .Type -}} b', 'a${ event.type }b'],
    ['{{/* a note */}}x', 'x'],
    [
      '{{ if eq .Type "Warning" }}!{{ else if not .Action }}?{{ else }}.{{ end }}',
      '{% if event.type == "Warning" %}!{% elsif event.action == blank %}?{% else %}.{% endif %}',
    ],
    ['{{ . }}', '${ event.raw | json }'],
    ['{{ .InvolvedObject }} x', '${ event.raw.involvedObject | json } x'],
    ['{{ .InvolvedObject.Labels }}', '${ event.object.labels | json }'],
    ['{{ .Source }}', '${ event.source | json }'],
    ['{{ $.Event.ObjectMeta.Name }}', '${ event.name }'],
    ['{{ .Count }}', '${ event.count | append: "" }'],
    ['{{ trunc -8 .Message }}', '${ event.message | tail: 8 }'],
    ['{{ slice .Message 2 5 }}', '${ event.message | slice: 2, 3 }'],
    ['{{ substr 0 5 .Message }}', '${ event.message | slice: 0, 5 }'],
    [
      '{{ .Name | trimSuffix "-x" | trimPrefix "a" | title }}',
      '${ event.name | trim_suffix: "-x" | trim_prefix: "a" | title }',
    ],
    ['{{ .Reason | b64enc }}', '${ event.reason | base64_encode }'],
    ['{{ .Message | quote }}', '${ event.message | json }'],
    ['{{ printf "%q" .Message }}', '${ event.message | json }'],
    [
      '{{ printf "%s: %d%%" .Reason .Count | upper }}',
      '${ event.reason | append: ": " | append: event.count | append: "%" | upcase }',
    ],
    ['{{ coalesce .Action .Reason }}', '${ event.action | default: event.reason }'],
    ['{{ default .Reason (index .Labels "app") }}', '${ event.raw.metadata.labels["app"] | default: event.reason }'],
    ['{{ (index .Labels "app") | upper }}', '${ event.raw.metadata.labels["app"] | upcase }'],
    ['{{ .GetTimestampMs }}', '${ event.firstSeen | date: "%s%L" }'],
    ['{{ .LastTimestamp.Unix }}', '${ event.lastSeen | date: "%s" }'],
    [
      '{{ .LastTimestamp.UTC.Format "2006-01-02T15:04:05.000Z07:00" }}',
      '${ event.lastSeen | date: "%Y-%m-%dT%H:%M:%S.%LZ", "UTC" }',
    ],
    ['{{ .LastTimestamp.Time | date "Jan _2" }}', '${ event.lastSeen | date: "%b %e", "UTC" }'],
    ['{{ print "{}" }}', '${ "\\u007b\\u007d" }'],
    [
      '{{ if and (eq .Type "Warning") (not (contains "probe" .Message)) }}!{{ end }}',
      '{% if event.type == "Warning" and not event.message contains "probe" %}!{% endif %}',
    ],
    [
      '{{ if not (or (eq .Reason "a" "b") .Action) }}!{{ end }}',
      '{% if event.reason != "a" and event.reason != "b" and event.action == blank %}!{% endif %}',
    ],
    [
      '{{ if hasKey .InvolvedObject.Labels "app" }}!{{ end }}',
      '{% if event.object.labels["app"] != nil %}!{% endif %}',
    ],
    [
      '{{ (index .InvolvedObject.OwnerReferences 0).Kind }}/{{ (index .InvolvedObject.OwnerReferences 0).Name | lower }}',
      '${ event.owner.kind }/${ event.owner.name | downcase }',
    ],
    [
      '{{ if .InvolvedObject.OwnerReferences }}{{ toJson .InvolvedObject.OwnerReferences }}{{ end }}',
      '{% if event.owner != blank %}${ event.owner | json }{% endif %}',
    ],
    ['costs ${5} {% now %}', 'costs ${ "${" }5} ${ "{%" } now %}'],
  ])('%s becomes %s', (source, expected) => {
    expect(translateText(source)).toEqual({ text: expected, losses: [] });
    expect(templateProblem(expected)).toBeUndefined();
  });

  test.each([
    ['{{ range .Labels }}x{{ end }}', 'range'],
    ['{{ $x := .Message }}', 'a variable'],
    ['{{ (index .A 0).B }}', 'the field .A'],
    ['{{ .Foo }}', 'the field .Foo'],
    ['{{ .InvolvedObject.Deleted }}', 'the field .InvolvedObject.Deleted'],
    ['{{ (index .InvolvedObject.OwnerReferences 1).Name }}', 'an owner other than the first'],
    ['{{ (index .InvolvedObject.OwnerReferences 0).UID }}', 'the function .UID'],
    ['{{ (index .Labels "a").Kind }}', 'the kind of what is no owner'],
    ['{{ range .InvolvedObject.OwnerReferences }}x{{ end }}', 'range: an event has one owner here'],
    ['{{ .clusterName }}', 'the field .clusterName (did you mean .ClusterName?)'],
    ['{{ now | date "2006" }}', 'the function now'],
    ['{{ upper }}', 'upper with 0 values'],
    ['{{ (upper .Type }}', 'a bracket that is not closed'],
    ['{{ default (upper .Type) .Reason }}', 'a function inside of another one'],
    ['{{ .Message | date "2006" }}', 'a time of what is no time'],
    ['{{ if and .Type (or .Reason .Action) }}a{{ else }}b{{ end }}', 'and together with or'],
    ['{{ printf "%05d" .Count }}', 'printf with %0'],
  ])('%s is not guessed at: the loss is named, and the rest is still a template', (source, reason) => {
    const { text, losses } = translateText(`first\n${source}`);

    expect(losses[0]).toEqual({ line: 2, message: expect.stringContaining(`is not translated: ${reason}`) });
    expect(templateProblem(text)).toBeUndefined();
    expect(text).toContain('[not imported: ');
  });

  test('gives what Go gives', () => {
    const event = sampleEvent({
      message: 'Pulling "image"',
      count: 3,
      involvedObject: { kind: 'Pod', labels: { app: 'web' } },
    });
    const rendered = (source: string): unknown => renderTree(translateText(source).text, { event });

    expect(rendered('{{ .InvolvedObject.Labels }}')).toBe('{"app":"web"}');
    expect(rendered('{{ .InvolvedObject.Labels.none }}')).toBe('');
    expect(rendered('{{ trunc -3 .Reason }}{{ trunc -99 .Reason }}{{ trunc 3 .Reason }}')).toBe('OffBackOffBac');
    expect(rendered('{{ printf "%s said %q %d times" .Reason .Message .Count }}')).toBe(
      'BackOff said "Pulling \\"image\\"" 3 times',
    );
    expect(rendered('{{ .FirstTimestamp.Format "Mon 2 Jan 06 3:04 PM -0700" }}')).toBe('Mon 23 Nov 26 7:55 AM +0000');
    expect(rendered('{{ "a b" | title }} {{ .Name | trimPrefix "api-" | trimSuffix ".17ab3c" }}')).toBe('A B 7d9f');
    expect(rendered('{{ if and .Message (eq .Count 3) }}yes{{ else }}no{{ end }}')).toBe('yes');
    const owned =
      '{{ if .InvolvedObject.OwnerReferences }}{{ (index .InvolvedObject.OwnerReferences 0).Name }}{{ end }}.';
    expect(rendered(owned)).toBe('.');
    const owner = { kind: 'Deployment', name: 'checkout' };
    expect(renderText(translateText(owned).text, { event: { ...event, owner } })).toBe('checkout.');
  });

  test('is a template that can be rendered and shows no object as such, whatever functions follow each other', () => {
    const field = fc.constantFrom(
      '.',
      '.Message',
      '.Count',
      '.InvolvedObject',
      '.Labels',
      '.InvolvedObject.Labels.app',
    );
    const step = fc.constantFrom(
      'upper',
      'trunc 5',
      'trunc -5',
      'quote',
      'toJson',
      'default "none"',
      'replace "{" "}"',
      'trimSuffix "\\"}"',
      'printf "%s and %q" .Reason',
      'title',
      'b64enc',
    );
    const event = sampleEvent({ message: '${ "x" } {% if %} {{ . }}' });
    fc.assert(
      fc.property(fc.string({ maxLength: 3 }), field, fc.array(step, { maxLength: 4 }), (before, of, steps) => {
        fc.pre(!`${before}.`.includes('{{') && !before.endsWith('{'));
        const { text, losses } = translateText(`${before}{{ ${[of, ...steps].join(' | ')} }}`);

        expect(templateProblem(text)).toBeUndefined();
        expect(String(renderTree(text, { event }))).not.toContain('[object');
        expect(losses.every(({ message }) => message.includes('printf followed'))).toBe(true);
      }),
    );
  });

  test('keeps literal text as it is, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !`${text}.`.includes('{{') && !text.endsWith('{')),
        (literal) => {
          const { text } = translateText(`${literal}{{ .Reason }}`);

          expect(renderText(text, { event: sampleEvent() })).toBe(`${literal}BackOff`);
        },
      ),
    );
  });
});

describe('a body written as a Go template', () => {
  test('becomes a JSON value: numbers stay numbers, texts stay texts, a hostile message breaks nothing', () => {
    const { body, losses } = translateBody(
      '{"text": "{{ .Message }}\nsecond line", "count": {{ .Count }}, "times": "{{ .Count }}", "list": ["{{ .Type }}", 1]}',
    );
    const message = 'a "quoted"\\ \n text';

    expect(losses).toEqual([]);
    expect(renderTree(body, { event: sampleEvent({ message, count: 7 }) })).toEqual({
      text: `${message}\nsecond line`,
      count: 7,
      times: '7',
      list: ['Warning', 1],
    });
  });

  test('holds a value where it is quoted by a function instead of by quotes', () => {
    const { body, losses } = translateBody(
      '{"a": {{ printf "%q" .Message }}, "b": {{ .Reason | quote }}, "c": {{ toJson .InvolvedObject }}}',
    );

    expect(losses).toEqual([]);
    expect(body).toEqual({ a: '${ event.message }', b: '${ event.reason }', c: '${ event.raw.involvedObject }' });
  });

  test('has times in the zone of the process that filled it in', () => {
    const { body } = translateBody('{"t": "{{ .FirstTimestamp.Format "15:04" }}"}', 'Asia/Shanghai');

    expect(renderTree(body, { event: sampleEvent() })).toEqual({ t: '15:55' });
  });

  test.each([
    ['plain {{ .Message }}', 'the body is not JSON once its expressions are filled in'],
    ['{"{{ .Reason }}": 1}', 'an expression in a key of the body is not filled in here'],
  ])('%s is a loss', (source, message) => {
    expect(translateBody(source).losses).toEqual([{ line: 1, message }]);
  });
});
