import { FILL_IN } from '../report.ts';
import type { SinkMapping, SinkSource } from './sink.ts';

// https://github.com/go-sql-driver/mysql#dsn-data-source-name: the last @ ends the password, the last / begins the database.
const DSN = /^(?:([^:@/]*)(?::(.*))?@)?([a-z0-9]*)(?:\(([^)]*)\))?\/([^/?&]*)(?:[?&](.*))?$/s;

const UNNEEDED: ReadonlySet<string> = new Set([
  'charset',
  'collation',
  'parseTime',
  'loc',
  'timeout',
  'readTimeout',
  'writeTimeout',
  'interpolateParams',
  'maxAllowedPacket',
]);

/** @param isLegacy keeps kube-eventer's table instead of going on in ours. */
export function mysql(isLegacy: boolean): SinkMapping {
  return {
    type: 'mysql',
    options: [],
    unneeded: {},
    isRaw: true,
    map(source) {
      const { uri, place, report } = source;
      const dsn = uri.query || uri.base;
      const [, username, password, protocol, address = '', database, query = ''] = DSN.exec(dsn) ?? [];
      if (database === undefined) {
        report.add(
          'fill in',
          place,
          `has no user:password@tcp(host:3306)/database: put the real values in place of ${FILL_IN}`,
        );
      }
      if (protocol === 'unix') report.add('fill in', place, `names a socket: put a host name in place of ${FILL_IN}`);
      const [, host = FILL_IN, port] = protocol === 'unix' ? [] : (/^\[?(.+?)\]?(?::(\d+))?$/.exec(address) ?? []);
      const parameters = new URLSearchParams(query);
      const table = parameters.get('table') ?? 'kube_event';
      reportParameters(parameters, source);
      if (!isLegacy) {
        report.add(
          'changed',
          `${place} table`,
          `events go into a table of our own, kube_events (functions/sinks/mysql/schema.sql); --mysql-legacy goes on in ${table}`,
        );
      }
      const tls = parameters.get('tls');
      return {
        document: {
          host,
          ...(port && Number(port) !== 3306 && { port: Number(port) }),
          database: database || FILL_IN,
          username: username || FILL_IN,
          ...(isLegacy && { layout: 'legacy', table }),
          ...(tls && tls !== 'false' && { tls: tls === 'skip-verify' ? { insecure: true } : true }),
        },
        secrets: password ? { password } : {},
      };
    },
  };
}

function reportParameters(parameters: URLSearchParams, { place, report }: SinkSource): void {
  const names = new Set(parameters.keys());
  for (const name of names) {
    if (name === 'table' || name === 'tls') continue;
    if (UNNEEDED.has(name)) report.add('note', `${place} ${name}`, 'not needed: texts are utf8mb4 and times UTC');
    else report.add('not carried', `${place} ${name}`, 'has no counterpart');
  }
}
