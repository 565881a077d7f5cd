/** The views, in the order of their keys. */
export const VIEWS = ['live', 'flow', 'letters', 'destinations', 'object', 'silences'] as const;
export type View = (typeof VIEWS)[number];

/** Where in the page somebody is: `#/destinations/slack/team` is the view with two names. */
export interface Route {
  readonly view: View;
  readonly names: readonly string[];
}

/** What a view is told. */
export type ViewProps = Pick<Route, 'names'>;

/** What is unknown leads to Live. */
export function parseRoute(hash: string): Route {
  const [view, ...names] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  const known = VIEWS.find((each) => each === view);
  return known ? { view: known, names } : { view: 'live', names: [] };
}

export function routeTo(view: View, ...names: readonly string[]): string {
  return ['#', view, ...names.map(encodeURIComponent)].join('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
