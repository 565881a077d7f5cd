import type { Failure } from '../contract.ts';

/** An answer that is no success, with a sentence for a person. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly command: string | undefined;

  constructor(status: number, message: string, command?: string) {
    super(message);
    this.status = status;
    this.command = command;
  }
}

export function failureOf({ message, command }: Refusal): Failure {
  return { error: message, ...(command !== undefined && { command }) };
}
