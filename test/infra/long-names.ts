/** A name as long as names are expected to get. */
export const LONG = 'a'.repeat(60);

/** Settings with long names wherever there can be one, and every kind of identity. */
export const LONG_NAMES = {
  stackName: LONG,
  alarmEmail: 'on-call@example.com',
  clusters: [
    { name: LONG, identity: 'pod-identity', eksCluster: LONG },
    { name: `b${LONG.slice(1)}`, identity: 'access-key', namespace: LONG },
    {
      name: `c${LONG.slice(1)}`,
      identity: 'irsa',
      providerArn: 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/2',
      serviceAccount: LONG,
    },
  ],
};
