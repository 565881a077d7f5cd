import type { Secret } from '../contract/secret.ts';

/** The secrets of a sink that logs in with a password or a token, of which its config allows one. */
export interface Login {
  readonly password?: Secret | undefined;
  readonly bearerToken?: Secret | undefined;
}

/** The `Authorization` header of a login, concealed where it is no secret's own value; undefined where there is none. */
export function authorization(
  username: string | undefined,
  { password, bearerToken }: Login,
  conceal: (text: string) => void,
): { readonly Authorization: string } | undefined {
  if (bearerToken) return { Authorization: `Bearer ${bearerToken.reveal()}` };
  if (!password) return undefined;
  const login = `Basic ${Buffer.from(`${username ?? ''}:${password.reveal()}`).toString('base64')}`;
  conceal(login);
  return { Authorization: login };
}
