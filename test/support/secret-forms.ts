/** How a service, a proxy or a client may repeat a text: as it is, and encoded as people encode. By name. */
export const encodings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (text) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
  'percent-encoded altogether': (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'),
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'form-encoded': (text) => new URLSearchParams({ text }).toString().slice('text='.length),
  'in JSON': (text) => JSON.stringify(text).slice(1, -1),
  'in JSON as PHP and Python write it': (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replaceAll('/', '\\/')
      .replace(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  'in HTML': (text) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&apos;'),
  'in HTML by numbers': (text) => text.replace(/[^a-z0-9 ]/giu, (character) => `&#${character.codePointAt(0)};`),
  'in HTML by hexadecimal numbers': (text) =>
    text.replace(/[^a-z0-9 ]/giu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`),
  'percent-encoded in HTML in JSON': (text) =>
    JSON.stringify(encodeURIComponent(text).replaceAll('%', '&#37;')).slice(1, -1),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64 without padding': (text) => Buffer.from(text).toString('base64').replaceAll('=', ''),
  'in base64url': (text) => Buffer.from(text).toString('base64url'),
  'in base64, percent-encoded': (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  'in base64, in JSON of PHP': (text) => Buffer.from(text).toString('base64').replaceAll('/', '\\/'),
  'in base64 after one byte': (text) => Buffer.from(`a${text}bc`).toString('base64'),
  'in base64 after two bytes': (text) => Buffer.from(`ab${text}c`).toString('base64'),
  'in base64 of JSON': (text) => Buffer.from(JSON.stringify({ text })).toString('base64'),
  'in base64url of a URL': (text) => Buffer.from(`https://h/?t=${encodeURIComponent(text)}`).toString('base64url'),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in upper-case hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'as Latin-1': (text) => Buffer.from(text).toString('latin1'),
  'on one line': (text) => text.replace(/\s+/g, ' ').trim(),
};
