import { duration } from '../foundation/format.ts';

/** How long ago something was, as `2d 3h`. */
export function age(at: string, now = Date.now()): string {
  return duration((now - Date.parse(at)) / 1000);
}
