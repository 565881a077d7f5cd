/** AWS' own are never shorter: `test` and the like stand in for them where nobody checks them, and are words like others. */
const MIN_KEY_CHARS = 16;

/** Those of the parts of an AWS credential that are secret. */
export function secretsOfKey(key: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}): readonly string[] {
  return [key.accessKeyId, key.secretAccessKey, key.sessionToken ?? ''].filter((part) => part.length >= MIN_KEY_CHARS);
}

/** What is secret in the environment: keys and tokens of AWS, and URLs with a login, such as those of proxies. */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    const isKey = /^AWS_.*(KEY|TOKEN)/.test(name) && value.length >= MIN_KEY_CHARS;
    return isKey || /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(value) ? [value] : [];
  });
}
