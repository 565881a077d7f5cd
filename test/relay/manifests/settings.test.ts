import { describe, expect, test } from 'vitest';
import { checkSettings } from '../../../relay/manifests/settings.ts';

describe('the settings of a relay', () => {
  test.each([
    'START_FROM',
    'LOG_LEVEL',
    'AWS_REGION',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    'NODE_OPTIONS',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
  ])('may have %s, which the relay or something in its process reads', (name) => {
    expect(checkSettings({ [name]: name === 'START_FROM' ? 'all' : 'info' }).unknown).toEqual([]);
  });

  test.each(['START_FORM', 'MY_AWS_REGION', 'AWS_REGION-1', 'SSL_CERT_FILES', 'NODE_VERSION_24', 'aws_region'])(
    'that have %s have a name that nobody reads',
    (name) => {
      const { unknown, known } = checkSettings({ [name]: 'x' });
      expect(unknown).toEqual([name]);
      expect(known).toEqual(expect.arrayContaining(['START_FROM', 'LOG_LEVEL']));
    },
  );

  test('are judged as the relay would when it starts, and need not name the queue', () => {
    expect(checkSettings({}).mistakes).toEqual([]);
    expect(checkSettings({ START_FROM: 'yesterday' }).mistakes).toEqual([
      expect.stringMatching(/^START_FROM is "yesterday": /),
    ]);
  });
});
