const KEY = 'kube-courier.token';

/**
 * The token of the address that the terminal printed, `#token=...`: it is kept for this tab, and taken out of the address, so that it
 * is in no history and no copied link. Undefined where there never was one.
 */
export function takeToken(): string | undefined {
  const fragment = /^#token=([^&]+)&?(.*)$/.exec(location.hash);
  if (fragment) {
    sessionStorage.setItem(KEY, decodeURIComponent(fragment[1] ?? ''));
    history.replaceState(null, '', `${location.pathname}#${fragment[2] || '/live'}`);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}
