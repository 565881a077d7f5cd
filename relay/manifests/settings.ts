import { parseConfig } from '../config.ts';

/** What the relay does where a manifest sets nothing else. */
export { DEFAULT_BUDGET, type SendBudget } from '../config.ts';

/** What the SDK, Node and the usual ways to a proxy read of a process' environment. */
const READ_BY_OTHERS = /^(AWS_[A-Z0-9_]+|HTTPS?_PROXY|NO_PROXY|NODE_[A-Z_]+|SSL_CERT_(FILE|DIR))$/;

export interface SettingsCheck {
  /** Names that neither the relay nor anything in its process reads. */
  readonly unknown: readonly string[];
  /** The names that the relay reads, which are what a misspelt one was meant to be. */
  readonly known: readonly string[];
  /** What the relay would say of the values when it starts, a sentence each. */
  readonly mistakes: readonly string[];
}

/** Checks settings for a relay in a cluster by the relay's own reader. */
export function checkSettings(settings: Readonly<Record<string, string>>): SettingsCheck {
  const read = new Set<string>();
  const required = { QUEUE_URL: 'https://sqs.example/queue', CLUSTER_NAME: 'cluster' };
  const env = new Proxy<NodeJS.ProcessEnv>(
    { ...required, ...settings },
    {
      get(target, name) {
        read.add(String(name));
        return target[String(name)];
      },
    },
  );
  const parsed = parseConfig(env, { inCluster: true, podNamespace: 'kube-courier' });
  return {
    unknown: Object.keys(settings).filter((name) => !read.has(name) && !READ_BY_OTHERS.test(name)),
    known: [...read],
    mistakes: 'mistakes' in parsed ? parsed.mistakes : [],
  };
}
