import type { Hint } from './hint.ts';

const autoscalerBlind = {
  en: 'The autoscaler cannot read its metrics, so it does not scale. Check the metrics server, and that every container sets requests.',
  zh: 'HPA 获取不到指标，无法自动扩缩容。请检查 metrics-server，并确认每个容器都设置了 request。',
};

const missedRun = {
  en: 'The CronJob missed a run. Check its schedule, startingDeadlineSeconds, and whether an earlier run still blocks it.',
  zh: 'CronJob 错过了一次执行。请检查 schedule、startingDeadlineSeconds，以及是否有上一次任务尚未结束。',
};

/** Reasons that controllers report about workloads, volumes and services. */
export const workloadHints: Readonly<Record<string, readonly Hint[]>> = {
  FailedCreate: [
    {
      when: /quota/i,
      text: {
        en: 'The ResourceQuota of the namespace allows no further pod, so fewer replicas run than wanted.',
        zh: '命名空间的 ResourceQuota 已用完，无法再创建 Pod，实际副本数低于期望值。',
      },
    },
    {
      when: /failed calling webhook/i,
      text: {
        en: 'An admission webhook does not answer, so pods cannot be created, possibly in the whole cluster. Check the service behind it.',
        zh: '准入 webhook 无法访问，Pod 创建失败，可能影响整个集群。请检查 webhook 后端服务是否正常。',
      },
    },
    {
      when: /webhook|denied|forbidden|violates/i,
      text: {
        en: 'A policy refuses the pod: an admission webhook, Pod Security, or a missing service account. The message names it.',
        zh: 'Pod 被策略拒绝：可能是准入 webhook、Pod Security 或缺少 ServiceAccount，消息里写明了是哪一个。',
      },
    },
    {
      text: {
        en: 'The controller cannot create the pod, so fewer replicas run than wanted. The message gives the reason.',
        zh: '控制器无法创建 Pod，实际副本数低于期望值。具体原因见消息。',
      },
    },
  ],
  BackoffLimitExceeded: [
    {
      text: {
        en: 'The Job has failed as often as its backoffLimit allows and is not tried again. The logs of its last pod usually say why.',
        zh: 'Job 失败次数已达 backoffLimit，不会再重试。原因通常在最后一个 Pod 的日志里。',
      },
    },
  ],
  DeadlineExceeded: [
    {
      text: {
        en: 'It took longer than its deadline and was stopped. Check whether it hangs, or whether the deadline is too short.',
        zh: '运行时间超过了设定的期限，已被终止。请检查任务是否卡住，或者期限是否太短。',
      },
    },
  ],
  MissSchedule: [{ text: missedRun }],
  TooManyMissedTimes: [{ text: missedRun }],
  FailedGetResourceMetric: [{ text: autoscalerBlind }],
  FailedComputeMetricsReplicas: [{ text: autoscalerBlind }],
  ProvisioningFailed: [
    {
      text: {
        en: "No volume can be created for the claim. Check the StorageClass, and the storage driver's permissions and quota.",
        zh: '无法为该 PVC 创建存储卷。请检查 StorageClass，以及存储驱动的权限和配额。',
      },
    },
  ],
  FailedBinding: [
    {
      text: {
        en: 'The claim has no volume: there is none that fits, and no StorageClass that could create one.',
        zh: '该 PVC 没有可用的存储卷：既没有匹配的 PV，也没有能自动创建的 StorageClass。',
      },
    },
  ],
  SyncLoadBalancerFailed: [
    {
      text: {
        en: "The load balancer cannot be created or updated, so the Service may be unreachable from outside. Check the cloud controller's permissions and quota.",
        zh: '负载均衡创建或更新失败，外部可能访问不到该 Service。请检查云控制器的权限和配额。',
      },
    },
  ],
};
