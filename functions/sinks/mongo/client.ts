import {
  MongoBulkWriteError,
  MongoClient as Driver,
  MongoParseError,
  type AnyBulkWriteOperation,
  type Collection,
  type MongoClientOptions,
} from 'mongodb';
import { tlsOptions } from '../../core/kit/endpoint.ts';
import type { SinkContext } from '../../core/contract/sink.ts';
import { UNREADABLE_URI } from './classify.ts';
import type { config } from './config.ts';
import type { EventDocument } from './document.ts';

type Ctx = SinkContext<(typeof config.options)['_zod']['output'], (typeof config.secrets)['_zod']['output']>;

/** What the sink needs of MongoDB. */
export interface MongoClient {
  /**
   * Writes documents, each of them at most once. One entry per document, in order: undefined once it is stored (or was
   * already, or a newer one), otherwise the server's error. @throws when the request as a whole failed.
   */
  write(documents: readonly EventDocument[]): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

// Together below the 55 s that an invocation has.
const SERVER_SELECTION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 8_000;
const SOCKET_TIMEOUT_MS = 25_000;

/** Connects on the first use, so that a refused login is an outcome like any other. */
export function createClient(ctx: Ctx): MongoClient {
  const { database, collection, mode, tls } = ctx.options;
  const uri = ctx.secrets.uri.reveal();
  const operationsFor = mode === 'latest' ? latestOperations : historyOperations;
  let driver: Driver | undefined;
  return {
    async write(documents) {
      driver ??= createDriver(uri, tls);
      const stored = driver.db(database).collection<EventDocument>(collection);
      const operations = documents.map(operationsFor);
      const owners = operations.flatMap((list, index) => list.map(() => documents[index]));
      try {
        await stored.bulkWrite(operations.flat(), { ordered: false });
        return [];
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError)) throw error;
        const writeErrors = [error.writeErrors].flat();
        // Around everything else the driver wraps the same class, which hides that a connection broke.
        if (writeErrors.length === 0) throw error.errorResponse instanceof Error ? error.errorResponse : error;
        const unconfirmed = error.result.getWriteConcernError();
        const failures = new Map(
          writeErrors.map(({ index, code, errmsg }) => [owners[index], { code, message: errmsg }]),
        );
        const there = await idsAmong(
          stored,
          [...failures].filter(([, failure]) => failure.code === DUPLICATE_KEY),
        );
        return documents.map((document) => {
          const failure = failures.get(document);
          return failure?.code === DUPLICATE_KEY && there.has(document._id) ? unconfirmed : (failure ?? unconfirmed);
        });
      }
    },
    close: async () => driver?.close(),
  };
}

/** A version is written once and never changes. */
function historyOperations(document: EventDocument): AnyBulkWriteOperation<EventDocument>[] {
  return [{ insertOne: { document } }];
}

/**
 * Stores the event unless it is there, then replaces it unless it is as new. One operation could not do both: an upsert that
 * also compares versions fails alike when the stored one is newer and when another writer has just come first.
 */
function latestOperations({ _id, ...fields }: EventDocument): AnyBulkWriteOperation<EventDocument>[] {
  return [
    { updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true } },
    { updateOne: { filter: { _id, version: { $lt: fields.version } }, update: { $set: fields } } },
  ];
}

const DUPLICATE_KEY = 11000;

/** A duplicate key is a repeated delivery, if it is that of `_id`; it can be that of an index of the user's own. */
async function idsAmong(
  stored: Collection<EventDocument>,
  duplicates: readonly (readonly [EventDocument | undefined, unknown])[],
): Promise<ReadonlySet<string>> {
  if (duplicates.length === 0) return new Set();
  const ids = duplicates.flatMap(([document]) => (document ? [document._id] : []));
  const found = await stored.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
  return new Set(found.map(({ _id }) => _id));
}

function createDriver(uri: string, tls: Ctx['options']['tls']): Driver {
  try {
    return new Driver(uri, driverOptions(uri, tls));
  } catch {
    // What the driver says about it may quote the connection string.
    throw new MongoParseError(UNREADABLE_URI);
  }
}

/** The URI decides where it says something; only retrying is left to the queue in any case. */
function driverOptions(uri: string, tls: Ctx['options']['tls']): MongoClientOptions {
  const defaults: MongoClientOptions = {
    maxPoolSize: 2,
    // A frozen function does not see its sockets close, which load balancers do after 350 s.
    maxIdleTimeMS: 240_000,
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    // What one member alone has confirmed can be rolled back. It was the default before MongoDB 5.
    w: 'majority',
  };
  const isInUri = (name: string): boolean => new RegExp(`[?&]${name}=`, 'i').test(uri);
  return {
    appName: 'kube-courier',
    ...Object.fromEntries(Object.entries(defaults).filter(([name]) => !isInUri(name))),
    retryWrites: false,
    ...(tls !== false && { tls: true, ...tlsOptions(tls) }),
  };
}
