/**
 * How serious an event is for people, as a pure function of the event. The type alone does not say it: Kubernetes reports a lost
 * node as `Normal`, and a deprecation as `Warning`.
 */

/** `critical`: somebody must act. `warning`: something failed, and may repair itself. `info`: all the rest. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What severity depends on, of an event. */
export interface Assessed {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly object: { readonly kind: string };
}

/** When an event of a reason is more serious than it is at first. All given conditions must hold. */
export interface Escalation {
  readonly severity: Severity;
  readonly type?: string;
  /** The involved object's kind. */
  readonly kind?: string;
  /** Found in the message, whatever its case. */
  readonly says?: string;
  /** It happened so often, or goes on for so many minutes: then it does not repair itself. */
  readonly lasts?: { readonly count: number; readonly minutes: number };
}

export interface Assessment {
  readonly severity: Severity;
  readonly reasons: readonly string[];
  /** Why, for the documentation. */
  readonly why: string;
  /** The first that holds decides. */
  readonly escalations?: readonly Escalation[];
}

const LASTS = { count: 10, minutes: 10 } as const;

/**
 * The well-known reasons of Kubernetes' own components (kubelet, scheduler, controllers, proxy and API server of release 1.37), of the
 * cluster autoscaler and the node problem detector. Every other reason falls back to its type.
 */
export const assessments: readonly Assessment[] = [
  {
    severity: 'critical',
    why: 'Processes were killed for want of memory.',
    reasons: ['OOMKilling', 'SystemOOM'],
  },
  {
    severity: 'critical',
    why: 'A pod was thrown off its node.',
    reasons: ['Evicted'],
  },
  {
    severity: 'critical',
    why: 'The data of a volume is lost.',
    reasons: ['ClaimLost'],
  },
  {
    severity: 'critical',
    why: 'A node or the cluster cannot do its work until somebody repairs it.',
    reasons: names(`
      CertificateExpired CorruptDockerImage CorruptDockerOverlay2 FilesystemIsReadOnly FreeDiskSpaceFailed
      KernelDeadlock KubeletSetupFailed KubernetesServiceCIDRError OutOfDisk PortRangeFull ReadonlyFilesystem
      ServiceCIDRFull
    `),
  },
  {
    severity: 'warning',
    why: 'Critical when it is about the node itself, which is lost; each of its pods is told of it too.',
    reasons: ['NodeNotReady'],
    escalations: [{ severity: 'critical', kind: 'Node' }],
  },
  {
    severity: 'warning',
    why: 'Critical when it lasts: ten times, or ten minutes.',
    reasons: names(`
      BackOff CreateContainerConfigError ErrImagePull FailedAttachVolume FailedCreatePodSandBox FailedMapVolume
      FailedMount FailedScheduling FailedToCreateRoute ImagePullBackOff NetworkNotReady ProvisioningFailed
      SyncLoadBalancerFailed UnAvailableLoadBalancer UpdateLoadBalancerFailed
    `),
    escalations: [{ severity: 'critical', lasts: LASTS }],
  },
  {
    severity: 'warning',
    why: 'Critical when an admission webhook does not answer, time and again: then nothing can be created.',
    reasons: ['FailedCreate'],
    escalations: [{ severity: 'critical', says: 'failed calling webhook', lasts: LASTS }],
  },
  {
    severity: 'warning',
    why: 'Something failed, is about to, or was taken away from a workload, although Kubernetes reports some of it as Normal.',
    reasons: names(`
      AlreadyMountedVolume AmbiguousSelector AppArmor BackoffLimitExceeded BindingConditionsPending
      CIDRAssignmentFailed CIDRNotAvailable CalculateExpectedPodCountFailed CertificateOverdueForRefresh
      ClaimMisbound ClusterIPAlreadyAllocated ClusterIPNotAllocated ClusterIPNotValid ClusterIPOutOfRange
      ConflictingController ContainerGCFailed DeadlineExceeded DeleteLoadBalancerFailed DeletingAllPods
      DeletingNodeFailed Denied DeploymentRollbackRevisionNotFound DeploymentRollbackTemplateUnchanged
      DeviceTaintManagerEviction EmptyPodSharedPoolError ErrImageNeverPull EvictionThresholdMet
      ExceededGracePeriod Failed FailedBinding FailedComputeMetricsReplicas FailedCreatePodContainer
      FailedDaemonPod FailedDelete FailedGet FailedGetContainerResourceMetric FailedGetExternalMetric
      FailedGetObjectMetric FailedGetPodsMetric FailedGetResourceMetric FailedGetScale FailedIndexes
      FailedKillPod FailedMountOnFilesystemMismatch FailedNodeAllocatableEnforcement
      FailedNodeDeclaredFeaturesCheck FailedPlacement FailedPodSandBoxStatus FailedPostStartHook
      FailedPreStopHook FailedPrepareDynamicResources FailedRescale FailedResourceClaimCreation FailedSync
      FailedToCreateEndpoint FailedToListEndpointSlices FailedToListPods FailedToRetrieveImagePullSecret
      FailedToScaleUpGroup FailedToStartMetricServer FailedToStartProxierHealthcheck
      FailedToStartServiceHealthcheck FailedUpdate FailedUpdateStatus FailedValidation FailedWorkloadCompilation
      FailedWorkloadCreate FileSystemResizeFailed HostIPsIPFamilyMismatch HostPortConflict IPAddressNotAllocated
      IPAddressWrongReference ImageGCFailed InspectFailed InvalidDiskCapacity InvalidIPAddress InvalidImageID
      InvalidMetricSourceType InvalidSchedule InvalidSelector JobAlreadyActive KubernetesDefaultServiceCIDRError
      KubernetesDefaultServiceCIDRInconsistent MaxFailedIndexesExceeded MissSchedule MissingClusterDNS
      MultiplePodDisruptionBudgets MultipleSELinuxLabels NoPods NodeControllerEviction NodeHasDiskPressure
      NodeHasInsufficientMemory NodeHasInsufficientPID NodeSelectorMismatching NodeShutdown NotDeleted
      NotTriggerScaleUp OutOfcpu OutOfmemory OutOfpods OwnerRefInvalidNamespace PodFailurePolicy
      PodLevelResourcesNotSupported PortAlreadyAllocated PortNotAllocated PortOutOfRange Preempted Preempting
      ProvisioningCleanupFailed Rebooted ReplicaSetCreateError ResizeError ResizeInfeasible ScaleDownFailed
      ScaleUpTimedOut SelectingAll SelectorRequired Shutdown StorageVersionMigrationFailed SysctlForbidden
      TaintManagerEviction TaskHung TooManyAddressesToMirror TooManyMissedTimes TooManySucceededPods
      UnParseableCronJobSchedule UnexpectedAdmissionError UnexpectedJob Unhealthy UnknownCompletionMode
      UnknownError UnknownStrategy UnknownTimeZone UnmanagedPods UnparseableSchedule UnsupportedSchedule
      VolumeAttachmentLimitExceeded VolumeFailedDelete VolumeFailedRecycle VolumeMismatch VolumeResizeFailed
      VolumeUnknownReclaimPolicy
    `),
  },
  {
    severity: 'info',
    why: 'Advice, or over by itself soon, although Kubernetes reports it as Warning.',
    reasons: names(`
      CgroupV1 CheckLimitsForResolvConf DNSConfigForming ExternalExpanding FailedToUpdateEndpoint
      FailedToUpdateEndpointSlices IPVSDeprecation KubeProxyDefaultMode LifecycleHTTPFallback
      PossibleMemoryBackedVolumesOnDisk ProbeWarning ResizeDeferred VolumePermissionChangeInProgress
    `),
  },
  {
    severity: 'info',
    why: 'Routine and progress; a warning where something reports it as Warning.',
    reasons: names(`
      Completed Created DeletedLoadBalancer DeletingLoadBalancer DeletingNode DeploymentPaused DeploymentResumed
      DeploymentRollback EnsuredLoadBalancer EnsuringLoadBalancer ExternalProvisioning
      FileSystemResizeSuccessful FoundNewReplicaSet Killing LeaderElection MissingJob NewReplicaSetCreated
      NodeAllocatableEnforced NodeHasNoDiskPressure NodeHasSufficientMemory NodeHasSufficientPID
      NodeNotSchedulable NodeReady NodeSchedulable PodGroupCreated ProvisioningSucceeded Pulled Pulling Ready
      RecyclerPod RegisteredNode RemovingNode ResizeCompleted ResizeStarted Resumed SELinuxChangePolicyConflict
      SELinuxLabelConflict SandboxChanged SawCompletedJob ScaleDown ScaleDownEmpty ScaledUpGroup
      ScalingReplicaSet Scheduled Started Starting StorageVersionMigrationSucceeded SucceededDaemonPod
      SuccessfulAttachVolume SuccessfulCreate SuccessfulDelete SuccessfulMountVolume SuccessfulRescale
      SuccessfulUpdate Suspended Synced Terminated TriggeredScaleUp UpdatedLoadBalancer VolumeDelete
      VolumeRecycled VolumeResizeSuccessful WaitForFirstConsumer WaitForPodScheduled WorkloadCreated
    `),
    escalations: [{ severity: 'warning', type: 'Warning' }],
  },
];

const known: ReadonlyMap<string, Assessment> = new Map(
  assessments.flatMap((assessment) => assessment.reasons.map((reason) => [reason, assessment] as const)),
);

/** How serious an event is. A reason that is not well known counts by its type: `Normal` is info, everything else a warning. */
export function severityOf(event: Assessed): Severity {
  const assessment = known.get(event.reason);
  if (assessment === undefined) return event.type === 'Normal' ? 'info' : 'warning';
  return assessment.escalations?.find((each) => holds(each, event))?.severity ?? assessment.severity;
}

function holds({ type, kind, says, lasts }: Escalation, event: Assessed): boolean {
  if (type !== undefined && event.type !== type) return false;
  if (kind !== undefined && event.object.kind !== kind) return false;
  if (says !== undefined && !event.message.toLowerCase().includes(says)) return false;
  return lasts === undefined || event.count >= lasts.count || minutesOf(event) >= lasts.minutes;
}

function minutesOf({ firstSeen, lastSeen }: Assessed): number {
  return (Date.parse(lastSeen) - Date.parse(firstSeen)) / 60_000;
}

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
