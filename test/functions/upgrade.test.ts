import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSecrets, parseSettings } from '../../functions/core/destinations/destination.ts';
import { clusterEvent } from '../../functions/core/contract/event.ts';
import { parseMessage } from '../../functions/core/contract/message.ts';
import { loadSink } from '../support/sink-under-test.ts';

/**
 * What version 0.1.0 wrote. Messages wait in queues and dead letters for weeks, parameters for years: this file only ever
 * gets longer, and nothing in it is edited.
 */
interface Recorded {
  readonly messages: readonly { readonly body: string; readonly id?: string }[];
  readonly destinations: Readonly<Record<string, { readonly document: object; readonly secrets?: object }>>;
}

const recorded: Recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'recorded-0.1.0.json'), 'utf8'));

describe('what 0.1.0 wrote is still read', () => {
  it.each(recorded.messages)('message $body', ({ body, id }) => {
    const message = parseMessage(body);
    if (message.kind === 'event') expect(clusterEvent(message).id).toBe(id);
    else expect(id).toBeUndefined();
  });

  it.each(Object.entries(recorded.destinations))('destination %s', async (id, { document, secrets }) => {
    const { sink } = await loadSink(id.slice(0, id.indexOf('/')));
    const settings = parseSettings(sink.config, JSON.stringify(document));
    expect(settings).toHaveProperty('value');
    if (!('value' in settings)) return;
    const parsed = parseSecrets(sink.config, secrets && JSON.stringify(secrets), settings.value.plain);
    expect(parsed).toHaveProperty('value');
  });
});
