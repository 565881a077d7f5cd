/** Drawn in a square of 16, in the colour of the text. */
const paths = {
  critical: 'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM7.1 4v5h1.8V4zm0 6.3v1.8h1.8v-1.8z',
  warning: 'M8 1.6 15.2 14H.8zM7.2 6v4.2h1.6V6zm0 5.3v1.6h1.6v-1.6z',
  info: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2m0 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9',
  delivered: 'M13.6 3.6 6.4 12.3 2.4 8.5l1-1.1 2.9 2.7 6.1-7.5z',
  filtered:
    'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2m-3.4 8.4 5.8-5.8a4.5 4.5 0 0 0-5.8 5.8m6.8-4.8-5.8 5.8a4.5 4.5 0 0 0 5.8-5.8',
  retrying: 'M8 2.5a5.5 5.5 0 0 1 4.1 1.8V2.5h1.4v4.4H9.1V5.5h2.1A4 4 0 1 0 12 8h1.5A5.5 5.5 0 1 1 8 2.5',
  held: 'M4 3h2.8v10H4zm5.2 0H12v10H9.2z',
  letter: 'M1.5 3.5h13v9h-13zm1.9 1.4L8 8.6l4.6-3.7zm9.7 1.4L8 10.4 2.9 6.3v4.8h10.2z',
  close: 'm3.9 2.8 4.1 4 4.1-4 1.1 1.1-4 4.1 4 4.1-1.1 1.1-4.1-4-4.1 4-1.1-1.1 4-4.1-4-4.1z',
  live: 'M1 7.2h3l2-4.7 3.2 10 2.2-5.3H15v1.5h-2.6l-3.3 7L6 6.2 5 8.7H1z',
  flow: 'M1 6h4v4H1zm5 1.3h2l2-3.8h5V5h-4L9.4 8 11 11h4v1.5h-5L8 8.7H6z',
  letters: 'M1.5 3.5h13v9h-13zm1.9 1.4L8 8.6l4.6-3.7zm9.7 1.4L8 10.4 2.9 6.3v4.8h10.2z',
  destinations: 'M8 1.5a5 5 0 0 1 5 5c0 3.4-5 8-5 8s-5-4.6-5-8a5 5 0 0 1 5-5m0 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  object:
    'm8 1 6 3.3v7.4L8 15l-6-3.3V4.3zm0 1.7L4.3 4.8 8 6.9l3.7-2.1zM3.5 6.1v4.7l3.7 2.1V8.2zm9 0L8.8 8.2v4.7l3.7-2.1z',
  silences: 'M8 1.5c2.6 0 4 2 4 4.3V9l1.5 2.2v.8h-11v-.8L4 9V5.8c0-2.3 1.4-4.3 4-4.3M6.3 13h3.4a1.7 1.7 0 0 1-3.4 0',
  theme: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M8 3v10A5 5 0 0 0 8 3',
  keys: 'M1 3.5h14v9H1zm1.4 1.4v6.2h11.2V4.9zM4 6h1.4v1.4H4zm2.7 0h1.4v1.4H6.7zm2.7 0h1.4v1.4H9.4zM4.7 8.7h6.6v1.4H4.7z',
  copy: 'M5 1.5h9V11h-3v3.5H2V5h3zm1.4 1.4v6.7h6.2V2.9zM3.4 6.4v6.7h6.2V11H5V6.4z',
  goes: 'M2 7.2h8.6L7.5 4.1l1-1 5 4.9-5 4.9-1-1 3.1-3.1H2z',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside a text that says the same: hidden from those who hear the page. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path fill="currentColor" fill-rule="evenodd" d={paths[name]} />
    </svg>
  );
}
