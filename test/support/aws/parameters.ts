import { listOf, textOf } from '../../../functions/core/contract/untrusted.ts';
import { AwsError, type AwsServer } from './server.ts';

interface Version {
  readonly value: string;
  readonly type: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

const WRITER = 'arn:aws:sts::000000000000:assumed-role/operator/alice';

/** SSM's parameters with their versions. */
export interface Parameters {
  /** Writes a new version. */
  put(name: string, value: unknown, type?: 'String' | 'SecureString', at?: Date): void;
  /** The newest value; undefined where there is none. */
  get(name: string): string | undefined;
  versions(name: string): number;
}

/** Answers SSM's operations on parameters out of memory. */
export function serveParameters(server: AwsServer): Parameters {
  const all = new Map<string, Version[]>();
  const put: Parameters['put'] = (name, value, type = 'String', at = new Date(0)) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    all.set(name, [...(all.get(name) ?? []), { value: text, type, at: at.getTime() / 1000 }]);
  };
  const wire = (name: string, version: number): unknown => {
    const { value, type, at } = all.get(name)?.[version - 1] ?? { value: '', type: '', at: 0 };
    const written = { LastModifiedDate: at, LastModifiedUser: WRITER };
    return { Name: name, Value: value, Type: type, Version: version, ...written };
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
