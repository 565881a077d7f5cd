import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerName, kubectlCommands, shellWord } from '../../../../functions/core/chat/kubectl.ts';
import { knownReasons } from '../../../../functions/core/chat/hints.ts';
import { isTimeZone, localTime } from '../../../../functions/core/chat/time.ts';
import { viewOf } from '../../../../functions/core/chat/view.ts';
import type { ChatOptions } from '../../../../functions/core/chat/options.ts';
import type { KubeEvent } from '../../../../functions/core/contract/event.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { anyText } from '../../../support/any-text.ts';

const options: ChatOptions = { language: 'en', timeZone: 'UTC', links: {}, labels: [] };

function view(fields: KubeEvent, changed: Partial<ChatOptions> = {}) {
  return viewOf(sampleEvent(fields), { ...options, ...changed });
}

describe('the commands', () => {
  it('are quoted so that a shell reads every word as it was', () => {
    const word = anyText(20).map((text) => text.replaceAll('\0', '').toWellFormed());
    const words = ['', "it's", '$HOME', '`id`', '-n', '*', '"\\', 'a\nb', ...fc.sample(word, 500)];
    const line = words.map(shellWord).join(' ');

    const read = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`]).toString();
    expect(read.split('\0').slice(0, -1)).toEqual(words);
  });

  it('show the logs of the run that ended where a container crashes, by container', () => {
    expect(kubectlCommands(sampleEvent(), 'previous')).toEqual([
      'kubectl -n payments describe pod/api-7d9f',
      'kubectl -n payments logs pod/api-7d9f -c api --previous --tail=50',
    ]);
  });

  it('leave the namespace out where the object has none', () => {
    const event = sampleEvent({ involvedObject: { apiVersion: 'v1', kind: 'Node', name: 'node-1' } });

    expect(kubectlCommands(event, 'previous')).toEqual(['kubectl describe node/node-1']);
  });

  it('name the API group of custom resources', () => {
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', namespace: 'web', name: 'shop' };
    const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'web', name: 'shop' };

    expect(kubectlCommands(sampleEvent({ involvedObject: rollout }), undefined)).toEqual([
      'kubectl -n web describe rollout.v1alpha1.argoproj.io/shop',
    ]);
    expect(kubectlCommands(sampleEvent({ involvedObject: ingress }), undefined)).toEqual([
      'kubectl -n web describe ingress/shop',
    ]);
  });

  it('quote a name that means something to a shell', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'x; rm -rf $HOME' };

    expect(kubectlCommands(sampleEvent({ involvedObject: role }), undefined)).toEqual([
      "kubectl describe 'clusterrole/x; rm -rf $HOME'",
    ]);
  });

  it.each([{ name: '' }, { name: 'a\nb' }, { name: 'a/b' }, { namespace: '../x' }, { kind: '' }])(
    'are not given for an object that cannot be named: %j',
    (changed) => {
      const event = sampleEvent({ involvedObject: { ...sampleKubeEvent.involvedObject, ...changed } });

      expect(kubectlCommands(event, 'previous')).toEqual([]);
    },
  );

  it.each([
    ['spec.containers{api}', 'api'],
    ['spec.initContainers{migrate}', 'migrate'],
    ['spec.ephemeralContainers{debug}', 'debug'],
    ['spec.nodeName', ''],
    ['', ''],
  ])('find the container in %j', (fieldPath, expected) => {
    const event = sampleEvent({ involvedObject: { ...sampleKubeEvent.involvedObject, fieldPath } });

    expect(containerName(event)).toBe(expected);
  });
});

describe('times', () => {
  it.each([
    ['UTC', '2026-11-23', '07:59:30', 'UTC'],
    ['Asia/Shanghai', '2026-11-23', '15:59:30', 'UTC+8'],
    ['Asia/Kolkata', '2026-11-23', '13:29:30', 'UTC+5:30'],
    ['America/Los_Angeles', '2026-11-22', '23:59:30', 'UTC-8'],
  ])('read in %s', (timeZone, date, time, zone) => {
    expect(localTime('2026-11-23T07:59:30Z', timeZone)).toEqual({ date, time, zone });
  });

  it('shows midnight as 00', () => {
    expect(localTime('2026-11-23T00:00:05Z', 'UTC').time).toBe('00:00:05');
  });

  it('knows a time zone from a guess', () => {
    expect(['Asia/Shanghai', 'UTC', 'Europe/Berlin'].every(isTimeZone)).toBe(true);
    expect(['Shanghai', '', 'Asia/Peking'].some(isTimeZone)).toBe(false);
  });

  it('say how often and since when, with the date of the last time only where it differs', () => {
    const when = (fields: KubeEvent, changed: Partial<ChatOptions> = {}) => view(fields, changed).facts[1]?.value;

    expect(when({})).toBe('2026-11-23 07:59:30 UTC');
    expect(when({ count: 3 })).toBe('3 times since 2026-11-23 07:55:00, last at 07:59:30 UTC');
    expect(when({ count: 3, firstTimestamp: '2026-11-21T07:55:00Z' })).toBe(
      '3 times since 2026-11-21 07:55:00, last at 2026-11-23 07:59:30 UTC',
    );
    expect(when({ count: 3 }, { language: 'zh', timeZone: 'Asia/Shanghai' })).toBe(
      '自 2026-11-23 15:55:00 起共 3 次，最近一次 15:59:30（UTC+8）',
    );
  });
});

describe('severity', () => {
  it.each([
    ['BackOff', 'Warning', 1, 'warning'],
    ['Scheduled', 'Normal', 1, 'info'],
    ['SomethingNew', '', 1, 'warning'],
    ['NodeNotReady', 'Normal', 1, 'critical'],
    ['OOMKilling', 'Warning', 1, 'critical'],
    ['FailedScheduling', 'Warning', 9, 'warning'],
    ['FailedScheduling', 'Warning', 10, 'critical'],
    ['NodeHasDiskPressure', 'Normal', 1, 'warning'],
  ])('of %s, %j, %i times is %s', (reason, type, count, expected) => {
    expect(view({ reason, type, count }).severity).toBe(expected);
  });
});

describe('hints', () => {
  const text = (reason: string, message: string) => view({ reason, message }).hint ?? '';

  it('tell the cases of one reason apart by the message', () => {
    expect(text('BackOff', 'Back-off pulling image "nginx:typo"')).toMatch(/cannot be pulled/);
    expect(text('BackOff', 'Back-off restarting failed container api')).toMatch(/keeps exiting/);
    expect(text('Failed', 'Error: ImagePullBackOff')).toMatch(/cannot be pulled/);
    expect(text('Failed', 'Error: secret "db" not found')).toMatch(/does not exist/);
    expect(text('Failed', 'Error: failed to create containerd task: exec: "run": not found')).toMatch(
      /could not be started/,
    );
    expect(text('Unhealthy', 'Liveness probe failed: HTTP 500')).toMatch(/liveness/);
    expect(text('Unhealthy', 'Readiness probe failed: HTTP 503')).toMatch(/readiness/);
    expect(text('FailedScheduling', '0/3 nodes are available: 3 Insufficient memory.')).toMatch(/No node has room/);
    expect(text('FailedScheduling', '0/3 nodes are available: 3 node(s) had untolerated taint')).toMatch(/tolerations/);
    expect(text('FailedCreate', 'pods "x" is forbidden: exceeded quota: team')).toMatch(/ResourceQuota/);
  });

  it('exist in both languages for every known reason, and for no other', () => {
    for (const reason of knownReasons) {
      expect(`${reason}: ${view({ reason }).hint}`).toMatch(/^\w+: [\x20-\x7E]{20,170}$/);
      expect(`${reason}: ${view({ reason }, { language: 'zh' }).hint}`).toMatch(/\p{Script=Han}.*。$/u);
    }
    expect(knownReasons.length).toBeGreaterThanOrEqual(25);
    expect(view({ reason: 'SomethingNew' }).hint).toBeUndefined();
    expect(view({ reason: 'constructor' }).hint).toBeUndefined();
  });
});

describe('links', () => {
  it('carry values that cannot change the URL', () => {
    const links = { Logs: 'https://logs.example.com/q?pod=${ event.object.name }&ns=${ event.object.namespace }' };
    const involvedObject = { ...sampleKubeEvent.involvedObject, name: 'a&b=c#d/e)f g' };

    expect(view({ involvedObject }, { links }).links).toEqual([
      { title: 'Logs', url: 'https://logs.example.com/q?pod=a%26b%3Dc%23d%2Fe%29f%20g&ns=payments' },
    ]);
  });

  it('keep the structure of their template whatever an event holds', () => {
    const links = { Logs: 'https://logs.example.com/q?m=${ event.message }' };
    fc.assert(
      fc.property(anyText(80), (message) => {
        const [link] = view({ message }, { links }).links;
        const url = new URL(link?.url ?? '');
        expect([url.origin, url.pathname, url.hash, [...url.searchParams.keys()]]).toEqual([
          'https://logs.example.com',
          '/q',
          '',
          ['m'],
        ]);
        expect(url.searchParams.get('m')).toBe(message.toWellFormed());
      }),
    );
  });

  it.each([
    '${ event.message }',
    'javascript:alert(1)',
    'ftp://example.com/',
    'https://',
    'https://example.com/${ event.message | repeat }',
  ])('are left out where %j does not become a web address', (template) => {
    expect(view({ message: 'x'.repeat(2000) }, { links: { Bad: template } }).links).toEqual([]);
  });
});
