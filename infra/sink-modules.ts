import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/*
 * The folders of sinks, as a clone has them. The npm package has no such folders: its build puts a list of the sinks in the place
 * of this file.
 */

/** The sink types of a project, sorted: the folders in functions/sinks that have a config.ts. */
export function typesIn(project: string): readonly string[] {
  return globSync('functions/sinks/*/config.ts', { cwd: project })
    .map((file) => basename(dirname(file)))
    .toSorted();
}

/** Imports a module of a sink type that exists. */
export function importOf<Module>(type: string, name: 'config' | 'sink', project: string): Promise<Module> {
  return import(pathToFileURL(join(project, 'functions', 'sinks', type, `${name}.ts`)).href);
}
