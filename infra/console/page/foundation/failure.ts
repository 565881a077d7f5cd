/** What a person reads when a call fails: the server's own sentence where it has one. */
export function failureText(status: number | 'unreachable' | 'late', body: unknown): string {
  if (status === 'unreachable')
    return 'The console does not answer: it may have been stopped. Start it again in the terminal.';
  if (status === 'late') return 'The console did not answer within a minute. Try again.';
  if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string') return body.error;
  if (status === 401 || status === 403)
    return 'The console refused the token: copy its address from the terminal again.';
  return `The console answered with status ${status} and no reason. Its terminal may say more.`;
}
