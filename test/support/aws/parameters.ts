import { listOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError, type AwsServer } from './server.ts';

interface Version {
  readonly value: string;
  readonly type: string;
}

/** SSM's parameters with their versions. */
export interface Parameters {
  /** Writes a new version. */
  put(name: string, value: unknown, type?: 'String' | 'SecureString'): void;
  /** The newest value; undefined where there is none. */
  get(name: string): string | undefined;
  versions(name: string): number;
}

/** Answers SSM's operations on parameters out of memory. */
export function serveParameters(server: AwsServer): Parameters {
  const all = new Map<string, Version[]>();
  const put: Parameters['put'] = (name, value, type = 'String') => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    all.set(name, [...(all.get(name) ?? []), { value: text, type }]);
  };
  const wire = (name: string, version: number): unknown => {
    const { value, type } = all.get(name)?.[version - 1] ?? { value: '', type: '' };
    return { Name: name, Value: value, Type: type, Version: version };
  };
  const newest = (name: string): unknown => wire(name, all.get(name)?.length ?? 0);

  server.answer('GetParametersByPath', ({ Path }) => ({
    Parameters: [...all.keys()].filter((name) => name.startsWith(`${textOf(Path)}/`)).map(newest),
  }));
  server.answer('GetParameters', ({ Names }) => ({
    Parameters: listOf(Names)
      .map(textOf)
      .filter((name) => all.has(name))
      .map(newest),
  }));
  server.answer('GetParameterHistory', ({ Name }) => ({
    Parameters: (all.get(textOf(Name)) ?? []).map((_, index) => wire(textOf(Name), index + 1)),
  }));
  server.answer('PutParameter', ({ Name, Value, Type }) => {
    put(textOf(Name), textOf(Value), Type === 'SecureString' ? 'SecureString' : 'String');
    return { Version: all.get(textOf(Name))?.length };
  });
  server.answer('DeleteParameter', ({ Name }) => {
    if (!all.delete(textOf(Name))) throw new AwsError('ParameterNotFound', '');
    return {};
  });
  return {
    put,
    get: (name) => all.get(name)?.at(-1)?.value,
    versions: (name) => all.get(name)?.length ?? 0,
  };
}
