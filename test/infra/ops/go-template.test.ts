import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../../../functions/core/contract/sample.ts';
import { renderText, renderTree, templateProblem } from '../../../functions/core/kit/template.ts';
import { translateBody, translateText } from '../../../infra/ops/import/go-template.ts';

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
    ['costs ${5} {% now %}', 'costs ${ "${" }5} ${ "{%" } now %}'],
  ])('%s becomes %s', (source, expected) => {
    expect(translateText(source)).toEqual({ text: expected, losses: [] });
    expect(templateProblem(expected)).toBeUndefined();
  });

  test.each([
    ['{{ range .Labels }}x{{ end }}', 'range'],
    ['{{ $x := .Message }}', 'a variable'],
    ['{{ (index .A 0).B }}', 'brackets'],
    ['{{ .Foo }}', 'the field .Foo'],
    ['{{ now | date "2006" }}', 'now'],
    ['{{ if and .Type .Reason }}a{{ else }}b{{ end }}', 'the condition and .Type .Reason'],
    ['{{ printf "%05d" .Count }}', 'printf with %0'],
  ])('%s is not guessed at: the loss is named, and the rest is still a template', (source, reason) => {
    const { text, losses } = translateText(`first\n${source}`);

    expect(losses[0]).toEqual({ line: 2, message: expect.stringContaining(`is not translated: ${reason}`) });
    expect(templateProblem(text)).toBeUndefined();
    expect(text).toContain('[not imported: ');
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

  test.each([
    ['plain {{ .Message }}', 'the body is not JSON once its expressions are filled in'],
    ['{"{{ .Reason }}": 1}', 'an expression in a key of the body is not filled in here'],
  ])('%s is a loss', (source, message) => {
    expect(translateBody(source).losses).toEqual([{ line: 1, message }]);
  });
});
