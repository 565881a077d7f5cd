declare module 'kafkajs/src/network/requestQueue/index.js' {
  /** The queue of one connection, as far as this sink corrects it. */
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
}

declare module 'kafkajs/src/protocol/error.js' {
  /** The errors of the protocol that kafkajs knows. */
  export const errorCodes: readonly { readonly type: string; readonly retriable: boolean }[];
}
