import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerName, kubectlCommands, listCommand, shellWord } from '../../../../functions/core/chat/kubectl.ts';
import { sampleEvent, sampleKubeEvent } from '../../../../functions/core/contract/sample.ts';
import { anyText } from '../../../support/any-text.ts';

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

  it('are left out where a name is longer than any of Kubernetes: a command that is cut does something else', () => {
    const named = (name: string) => sampleEvent({ involvedObject: { ...sampleKubeEvent.involvedObject, name } });

    expect(kubectlCommands(named('x'.repeat(253)), 'previous')).toHaveLength(2);
    expect(kubectlCommands(named('x'.repeat(2000)), 'previous')).toEqual([]);
  });

  it.each(['\n', '\u202e', '\u2028', '\ud83d'])(
    'are left out where they would hold %j, which cannot be copied',
    (mark) => {
      const about = (fields: object) =>
        sampleEvent({ involvedObject: { ...sampleKubeEvent.involvedObject, ...fields } });

      expect(kubectlCommands(about({ kind: `Pod${mark}` }), 'previous')).toEqual([]);
      expect(kubectlCommands(about({ name: `api${mark}` }), 'previous')).toEqual([]);
      expect(kubectlCommands(about({ namespace: `web${mark}` }), 'previous')).toEqual([]);
      expect(kubectlCommands(about({ kind: 'Shop', apiVersion: `example.com/v1${mark}` }), 'previous')).toEqual([]);
      expect(kubectlCommands(about({ fieldPath: `spec.containers{api${mark}}` }), 'previous')).toEqual([
        'kubectl -n payments describe pod/api-7d9f',
      ]);
    },
  );

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

  it('name a kind that kubectl has built in by itself', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'web', name: 'shop' };

    expect(kubectlCommands(sampleEvent({ involvedObject: deployment }), 'current')).toEqual([
      'kubectl -n web describe deployment/shop',
    ]);
  });

  it('show the logs of all containers where the event is about none', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'web', name: 'shop-0' };

    expect(kubectlCommands(sampleEvent({ involvedObject: pod }), 'current')).toEqual([
      'kubectl -n web describe pod/shop-0',
      'kubectl -n web logs pod/shop-0 --all-containers --tail=50',
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
    ['template.spec.containers{api}', ''],
    ['spec.containers{api}.image', ''],
    ['', ''],
  ])('find the container in %j', (fieldPath, expected) => {
    const event = sampleEvent({ involvedObject: { ...sampleKubeEvent.involvedObject, fieldPath } });

    expect(containerName(event)).toBe(expected);
  });
});

describe('the command that lists events', () => {
  it('asks for one namespace where they are in one, and for warnings where they are', () => {
    const inShop = sampleEvent({ metadata: { uid: 'u', namespace: 'shop' } });
    const ofNode = sampleEvent({ metadata: { uid: 'u', namespace: 'default' }, type: 'Normal' });
    const odd = sampleEvent({ metadata: { uid: 'u', namespace: '' } });

    expect(listCommand([inShop, inShop])).toBe('kubectl events -n shop --types=Warning');
    expect(listCommand([ofNode])).toBe('kubectl events -n default');
    expect(listCommand([inShop, ofNode])).toBe('kubectl events --all-namespaces');
    expect(listCommand([odd])).toBe('kubectl events --all-namespaces --types=Warning');
  });
});
