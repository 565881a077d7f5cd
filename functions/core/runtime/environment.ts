/** The variables of a function: where things are, and nothing else. What to do stands in the destinations. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {Error} naming the variable, if it is not set. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** One of some values, the first where nothing is set. @throws {Error} naming the variable and its value, if it is another. */
export function oneOf<const Value extends string>(
  env: Environment,
  name: string,
  values: readonly [Value, ...Value[]],
): Value {
  const value = env[name] || values[0];
  const found = values.find((each) => each === value);
  if (found === undefined)
    throw new Error(`environment variable ${name} is ${env[name]}, expected ${values.join(' or ')}`);
  return found;
}

/** A number above zero. @throws {Error} naming the variable and its value, if it is none. */
export function positive(env: Environment, name: string, fallback: number): number {
  const value = env[name] ? Number(env[name]) : fallback;
  if (!(value > 0)) throw new Error(`environment variable ${name} is ${env[name]}, expected a positive number`);
  return value;
}
