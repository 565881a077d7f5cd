/** What a cluster may be called: it becomes a metric's dimension, a message group and part of every event's identity. */
export const CLUSTER_NAME: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
