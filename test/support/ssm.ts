import { listOf, recordOf, textOf } from '../../functions/core/contract/untrusted.ts';
import { startHttpServer, type Answer, type HttpServer, type Responder } from './http-server.ts';

/** The operations on parameters that functions use. */
export type SsmOperation = 'GetParametersByPath' | 'GetParameters' | 'GetParameterHistory';

export interface TestSsm extends HttpServer {
  /** Writes a new version. */
  put(name: string, value: string, type?: 'String' | 'SecureString'): void;
  remove(name: string): void;
  /** Lets KMS refuse to decrypt a parameter, or all. */
  lock(name: string): void;
  /** Answers an operation in place of the store, until called without a responder. */
  script(operation: SsmOperation, responder?: Responder): void;
  /** The inputs of an operation, in order. */
  asked(operation: SsmOperation): readonly Readonly<Record<string, unknown>>[];
}

const PAGE = 3;

/** SSM's Parameter Store on the loopback: it keeps versions, answers in small pages, and refuses as AWS does. */
export async function startSsm(): Promise<TestSsm> {
  const parameters = new Map<string, { readonly value: string; readonly type: string }[]>();
  const locked = new Set<string>();
  const scripts = new Map<string, Responder>();
  const server = await startHttpServer((request) => {
    const operation = operationOf(request.headers);
    const script = scripts.get(operation);
    return script ? script(request) : answer(operation, recordOf(JSON.parse(request.body)));
  });

  function answer(operation: string, input: Readonly<Record<string, unknown>>): Answer {
    const names = operation === 'GetParameters' ? listOf(input['Names']).map(textOf) : [textOf(input['Name'])];
    if (names.length > 10) return refusal('ValidationException', 'more than ten names');
    if (input['WithDecryption'] === true && names.some((name) => locked.has(name)))
      return refusal('InvalidKeyId', 'KMSInvalidStateException: the key is disabled');
    switch (operation) {
      case 'GetParametersByPath': {
        const below = [...parameters.keys()].filter((name) => name.startsWith(`${textOf(input['Path'])}/`));
        return page(below.map(newest), input);
      }
      case 'GetParameters':
        return json({
          Parameters: names.filter((name) => parameters.has(name)).map(newest),
          InvalidParameters: names.filter((name) => !parameters.has(name)),
        });
      default: {
        const [name = ''] = names;
        const versions = parameters.get(name) ?? [];
        return page(
          versions.map((_, index) => wire(name, index)),
          input,
        );
      }
    }
  }

  function newest(name: string) {
    return wire(name, (parameters.get(name)?.length ?? 0) - 1);
  }

  function wire(name: string, index: number) {
    const { value, type } = parameters.get(name)?.[index] ?? { value: '', type: '' };
    return { Name: name, Version: index + 1, Type: type, Value: value };
  }

  return {
    ...server,
    requests: server.requests,
    put(name, value, type = 'String') {
      parameters.set(name, [...(parameters.get(name) ?? []), { value, type }]);
    },
    remove: (name) => void parameters.delete(name),
    lock: (name) => void locked.add(name),
    script(operation, responder) {
      if (responder) scripts.set(operation, responder);
      else scripts.delete(operation);
    },
    asked: (operation) =>
      server.requests
        .filter(({ headers }) => operationOf(headers) === operation)
        .map(({ body }) => recordOf(JSON.parse(body))),
  };
}

export function refusal(type: string, message: string): Answer {
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
}

function operationOf(headers: Readonly<Record<string, string>>): string {
  return (headers['x-amz-target'] ?? '').replace(/^.*\./, '');
}

function page(all: readonly unknown[], input: Readonly<Record<string, unknown>>): Answer {
  const from = Number(textOf(input['NextToken']) || 0);
  const to = from + PAGE;
  return json({ Parameters: all.slice(from, to), ...(to < all.length && { NextToken: String(to) }) });
}

function json(output: unknown): Answer {
  return { body: JSON.stringify(output) };
}
