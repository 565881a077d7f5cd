import type { Mapping } from '../documents.ts';
import type { Report } from '../report.ts';

/** What a receiver becomes here. */
export interface MappedReceiver {
  readonly type: string;
  readonly document: Mapping;
  readonly secrets: Mapping;
}

/** A receiver, and whether it is told of repetitions, as some versions of the exporter can. */
export interface ReadReceiver extends MappedReceiver {
  readonly repeats: 'first' | 'all';
}

/** The options of one sink of a receiver. */
export interface Block {
  readonly block: Mapping;
  readonly place: string;
  readonly report: Report;
}

/** Names of options; those of a nested mapping stand below its name. `mapping`: one whose names are free. */
export interface OptionNames {
  readonly [name: string]: true | 'mapping' | OptionNames;
}

export interface ReceiverMapping {
  /** The options that `map` reads or reports. All others are reported as left over. */
  readonly options: OptionNames;
  /** Undefined where the sink has no counterpart, which `map` has reported. */
  map(source: Block): MappedReceiver | undefined;
}
