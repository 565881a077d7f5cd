/** What to type for a command on this stack. */
export type Typed = (words: string) => string;

export interface Row {
  readonly needsYou: boolean;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}
