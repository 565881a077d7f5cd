import { Stack } from 'aws-cdk-lib';
import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks';
import {
  type PolicyDocument,
  Role,
  ServicePrincipal,
  User,
  Policy,
  WebIdentityPrincipal,
  type IPrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { policyOf } from './grants.ts';
import type { Cluster } from './settings.ts';

/** Who a cluster's relay is to AWS: it may put messages on the ingest queue, and nothing else. */
export class RelayIdentity extends Construct {
  readonly cluster: Cluster;
  readonly roleArn: string | undefined;
  readonly userName: string | undefined;

  constructor(scope: Construct, cluster: Cluster, ingest: IQueue) {
    super(scope, cluster.name);
    this.cluster = cluster;
    const policy = policyOf([{ actions: ['sqs:SendMessage'], resources: [ingest.queueArn] }]);
    switch (cluster.identity) {
      case 'pod-identity': {
        this.roleArn = this.#role(podIdentity(this, cluster), policy);
        new CfnPodIdentityAssociation(this, 'Association', {
          clusterName: cluster.eksCluster,
          namespace: cluster.namespace,
          serviceAccount: cluster.serviceAccount,
          roleArn: this.roleArn,
        });
        break;
      }
      case 'irsa':
        this.roleArn = this.#role(serviceAccount(cluster), policy);
        break;
      case 'access-key': {
        // The key itself is made by the user, who alone sees its secret: CloudFormation would keep it in the stack.
        const user = new User(this, 'User');
        new Policy(this, 'Policy', { document: policy, users: [user] });
        this.userName = user.userName;
        break;
      }
      case 'none':
        break;
    }
  }

  #role(assumedBy: IPrincipal, policy: PolicyDocument): string {
    const description = `The kube-courier relay of cluster ${this.node.id}`;
    return new Role(this, 'Role', { assumedBy, description, inlinePolicies: { Relay: policy } }).roleArn;
  }
}

/** The tags that EKS gives each session say whose it is (EKS user guide, "Create IAM role with trust policy required by EKS Pod Identity"). */
function podIdentity(scope: Construct, cluster: Extract<Cluster, { identity: 'pod-identity' }>): IPrincipal {
  const { eksCluster: resourceName, namespace, serviceAccount: account } = cluster;
  const arn = Stack.of(scope).formatArn({ service: 'eks', resource: 'cluster', resourceName });
  return new ServicePrincipal('pods.eks.amazonaws.com', {
    conditions: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-arn': arn,
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': account,
      },
    },
  }).withSessionTags();
}

function serviceAccount(cluster: Extract<Cluster, { identity: 'irsa' }>): IPrincipal {
  const issuer = cluster.providerArn.slice(cluster.providerArn.indexOf('oidc-provider/') + 'oidc-provider/'.length);
  return new WebIdentityPrincipal(cluster.providerArn, {
    StringEquals: {
      [`${issuer}:sub`]: `system:serviceaccount:${cluster.namespace}:${cluster.serviceAccount}`,
      [`${issuer}:aud`]: 'sts.amazonaws.com',
    },
  });
}
