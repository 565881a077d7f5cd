import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Grant } from './grants.ts';
import { ARCHIVE_PREFIX } from './parse-outputs.ts';
import type { Settings } from './settings.ts';

/**
 * The fields of a line that are searched by, in lower case as Glue has names. The cluster is a column of the partition,
 * and `seen`, which only a replay reads, is none.
 */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'string',
  uid: 'string',
  name: 'string',
  eventnamespace: 'string',
  resourceversion: 'string',
  type: 'string',
  severity: 'string',
  reason: 'string',
  message: 'string',
  action: 'string',
  count: 'int',
  firstseen: 'string',
  lastseen: 'string',
  object:
    'struct<apiversion:string,kind:string,namespace:string,name:string,uid:string,fieldpath:string,labels:map<string,string>,annotations:map<string,string>>',
  owner: 'struct<kind:string,name:string>',
  node: 'string',
  namespace: 'struct<labels:map<string,string>,annotations:map<string,string>>',
  source: 'struct<component:string,host:string>',
};

/**
 * Names that have capitals in a line. By default the SerDe compares all names without case: two labels that differ in nothing else
 * would spoil their line. Told not to, it wants to know these, at whatever depth.
 * https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
 */
const CAPITALISED = ['eventNamespace', 'resourceVersion', 'firstSeen', 'lastSeen', 'apiVersion', 'fieldPath'];

/** The bucket of the sink `s3`, and a table over it. The bucket outlives the stack: what is archived is nobody's to delete unasked. */
export class Archive extends Construct {
  readonly bucket: Bucket;
  /** `<database>.<table>`, as a query names it. */
  readonly table: string;

  constructor(scope: Construct, id: string, { archiveDays, stackName }: Settings) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { expiration: Duration.days(archiveDays), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Who reads events is a question for CloudTrail; logs of access would cost more than the archive.',
    );
    const databaseName = stackName.toLowerCase().replaceAll('-', '_');
    const { account: catalogId } = Stack.of(this);
    const database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: { name: databaseName, description: `kube-courier: the archive of ${stackName}` },
    });
    const table = new CfnTable(this, 'Table', {
      catalogId,
      databaseName,
      tableInput: tableInput(`s3://${this.bucket.bucketName}/${ARCHIVE_PREFIX}/`, archiveDays),
    });
    table.addResourceDependency(database);
    this.table = `${databaseName}.${TABLE}`;
  }

  /** What the sink's function may do: make objects, and nothing else. It can read, list and delete none. */
  grant(): Grant {
    return {
      actions: ['s3:PutObject'],
      resources: [this.bucket.arnForObjects('*')],
      wildcards: 'The names of objects are made of what is in them, below the prefix that a destination sets.',
    };
  }
}

const TABLE = 'events';

/**
 * Athena finds the partitions by the pattern of their paths, so that none has to be added:
 * https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html. Clusters are not known beforehand: a query names one.
 */
function tableInput(location: string, days: number): CfnTable.TableInputProperty {
  return {
    name: TABLE,
    tableType: 'EXTERNAL_TABLE',
    description: 'Events of Kubernetes. A query names its cluster. Drop repeats by id.',
    parameters: {
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.cluster.type': 'injected',
      'projection.date.type': 'date',
      'projection.date.format': 'yyyy-MM-dd',
      'projection.date.range': `NOW-${days}DAYS,NOW`,
      'projection.date.interval': '1',
      'projection.date.interval.unit': 'DAYS',
      'projection.hour.type': 'integer',
      'projection.hour.range': '0,23',
      'projection.hour.digits': '2',
      // Athena fills in the names, not JavaScript.
      'storage.location.template': `${location}cluster=$\{cluster}/date=$\{date}/hour=$\{hour}`,
    },
    partitionKeys: ['cluster', 'date', 'hour'].map((name) => ({ name, type: 'string' })),
    storageDescriptor: {
      location,
      columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
      inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      serdeInfo: {
        serializationLibrary: 'org.openx.data.jsonserde.JsonSerDe',
        parameters: {
          'ignore.malformed.json': 'true',
          'case.insensitive': 'false',
          ...Object.fromEntries(CAPITALISED.map((name) => [`mapping.${name.toLowerCase()}`, name])),
        },
      },
    },
  };
}
