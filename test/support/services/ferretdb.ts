import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { MongoClient } from 'mongodb';
import * as z from 'zod/mini';

import { installOnce, type Service } from './cache.ts';
import { launch, serviceFolder } from './child.ts';
import { buildGo } from './go.ts';
import { freePorts } from './ports.ts';
import { fromEnvironment, type Lifecycle } from './service.ts';

const VERSION = '1.24.2';

/**
 * MongoDB's wire protocol from FerretDB over SQLite, since no MongoDB server is to be had as a package.
 * It has no users, TTL indexes, time series or transactions.
 */
export const ferretdb: Service = {
  name: 'ferretdb',
  version: VERSION,
  buildTools: ['go'],
  runTools: [],
  install: (folder) =>
    buildGo({
      folder,
      output: 'ferretdb',
      main: MAIN,
      module: `module ferretdb\n\ngo 1.22\n\nrequire github.com/FerretDB/FerretDB v${VERSION}\n`,
    }),
};

const endpoint = z.object({
  /** `mongodb://127.0.0.1:<port>/` */
  url: z.string(),
});

export type FerretdbEndpoint = Readonly<z.infer<typeof endpoint>>;

export interface FerretdbService extends FerretdbEndpoint, Lifecycle {}

/** Starts a server without databases. */
export async function startFerretdb(): Promise<FerretdbService> {
  const found = fromEnvironment(ferretdb, endpoint);
  if (found !== undefined) return found;

  const program = join(await installOnce(ferretdb), 'ferretdb');
  const folder = await serviceFolder('ferretdb');
  const data = join(folder, 'data');
  await mkdir(data);
  const [port] = await freePorts(1);
  const service: FerretdbEndpoint = { url: `mongodb://127.0.0.1:${port}/` };
  const lifecycle = await launch({
    name: ferretdb.name,
    folder,
    command: [program, `127.0.0.1:${port}`, `file:${data}/`],
    isReady: () => isReady(service),
  });
  return { ...service, ...lifecycle };
}

async function isReady({ url }: FerretdbEndpoint): Promise<boolean> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } finally {
    await client.close();
  }
}

const MAIN = `package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	database, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: os.Args[1]},
		Handler:   "sqlite",
		SQLiteURL: os.Args[2],
	})
	if err != nil {
		log.Fatal(err)
	}
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := database.Run(stopped); err != nil {
		log.Print(err)
	}
}
`;
