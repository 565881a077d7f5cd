import { CfnOutput } from 'aws-cdk-lib';
import { CfnEIP, CfnSecurityGroup, IpAddresses, NatProvider, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { VpcSettings } from './settings.ts';

/** Where the sinks' functions attach their network interfaces. */
export interface VpcConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The subnets the user names, or those of a new VPC with a fixed address. */
export function network(scope: Construct, settings: VpcSettings | undefined): VpcConfig | undefined {
  if (settings === undefined) return undefined;
  if (settings === 'new') return new FixedEgress(scope, 'Network').config;
  return 'zones' in settings ? new FixedEgress(scope, 'Network', settings.zones).config : settings;
}

/** A VPC whose one NAT gateway gives all sinks one address, which services with an allow-list can be told. */
class FixedEgress extends Construct {
  readonly config: VpcConfig;

  /** @param zones those that CloudFormation lists first, two of them, if none are chosen */
  constructor(scope: Construct, id: string, zones?: readonly string[]) {
    super(scope, id);
    const address = new CfnEIP(this, 'Address', { domain: 'vpc' });
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.87.0.0/24'),
      ...(zones === undefined ? { maxAzs: 2 } : { availabilityZones: [...zones] }),
      natGateways: 1,
      natGatewayProvider: NatProvider.gateway({ eipAllocationIds: [address.attrAllocationId] }),
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
    });
    const group = new CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: vpc.vpcId,
      groupDescription: 'Functions of kube-courier: outgoing connections only',
      // Stores listen on ports of their own.
      securityGroupEgress: [{ ipProtocol: 'tcp', fromPort: 0, toPort: 65_535, cidrIp: '0.0.0.0/0' }],
    });
    acknowledge(vpc, 'AwsSolutions-VPC7', 'Only functions of this stack are in it, and their logs say what was sent.');
    this.config = {
      subnetIds: vpc.privateSubnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [group.attrGroupId],
    };
    new CfnOutput(this, 'EgressAddress', {
      value: address.attrPublicIp,
      description: 'The address that all sinks connect from, for the allow-lists of your services',
    }).overrideLogicalId('EgressAddress');
  }
}
