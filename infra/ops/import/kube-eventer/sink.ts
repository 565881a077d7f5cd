import type { Mapping } from '../documents.ts';
import type { Environment } from '../environment.ts';
import type { Report } from '../report.ts';
import type { Options, SinkUri } from './sink-uri.ts';

/** What the mapping of one kube-eventer sink can read. */
export interface SinkSource {
  readonly uri: SinkUri;
  readonly options: Options;
  /** The container's variables. */
  readonly environment: Environment;
  /** Where this is, for the report. */
  readonly place: string;
  readonly report: Report;
  /** The text of a ConfigMap's key; undefined where it is not in the file. */
  readonly configMap: (name: string, namespace: string, key: string) => string | undefined;
}

/** The two documents that a sink becomes. */
export interface MappedSink {
  /** Where it is another than that of the mapping. */
  readonly type?: string;
  readonly document: Mapping;
  readonly secrets: Mapping;
}

/** One sink of kube-eventer: which type of ours it becomes, and how. */
export interface SinkMapping {
  readonly type: string;
  /** The options that kube-eventer reads. */
  readonly options: readonly string[];
  /** Those of them without an effect here, and why. */
  readonly unneeded: Readonly<Record<string, string>>;
  /** What follows the key is one address of another kind, not options. */
  readonly isRaw?: true;
  map(source: SinkSource): MappedSink;
}
