import type { Hint } from './hint.ts';

const diskShort = {
  en: 'The node is short of disk space and may evict pods. Look for large logs, unused images and pods that write into their containers.',
  zh: '节点磁盘空间不足，可能会驱逐 Pod。请排查过大的日志、无用的镜像，以及向容器内大量写文件的 Pod。',
};

/** Reasons about nodes. */
export const nodeHints: Readonly<Record<string, readonly Hint[]>> = {
  NodeNotReady: [
    {
      text: {
        en: 'The node is unhealthy or no longer reports. Unless it recovers, its pods are evicted after about five minutes. Check the kubelet, the machine and its network.',
        zh: '节点异常或失联。若不能恢复，约五分钟后其上的 Pod 会被驱逐，到其他节点重建。请检查 kubelet、主机和网络。',
      },
    },
  ],
  SystemOOM: [
    {
      text: {
        en: 'The node itself ran out of memory, so any pod on it may be killed. Look for pods without a memory limit or with requests far below their use.',
        zh: '节点内存耗尽，其上任何 Pod 都可能被杀掉。请排查没有设置内存 limit，或 request 远低于实际用量的 Pod。',
      },
    },
  ],
  NodeHasInsufficientMemory: [
    {
      text: {
        en: 'The node is short of memory and may evict pods. Find the pods that use far more than they request.',
        zh: '节点内存不足，可能会驱逐 Pod。请排查实际用量远超 request 的 Pod。',
      },
    },
  ],
  NodeHasInsufficientPID: [
    {
      text: {
        en: 'The node is running out of process ids. Look for a pod that keeps creating processes or threads.',
        zh: '节点的 PID 即将耗尽。请排查不断创建进程或线程的 Pod。',
      },
    },
  ],
  NodeHasDiskPressure: [{ text: diskShort }],
  FreeDiskSpaceFailed: [{ text: diskShort }],
  ImageGCFailed: [
    {
      text: {
        en: 'Unused images cannot be removed from the node. Unless something else frees disk space, pods will be evicted.',
        zh: '节点无法清理无用的镜像。如果磁盘空间得不到释放，后续会驱逐 Pod。',
      },
    },
  ],
  EvictionThresholdMet: [
    {
      text: {
        en: 'The node is short of the resource named in the message and is about to evict pods.',
        zh: '消息中所示的资源已低于阈值，节点即将驱逐 Pod。',
      },
    },
  ],
  Rebooted: [
    {
      text: {
        en: "The node has rebooted. If nobody planned that, look at the machine's logs and the provider's maintenance notices.",
        zh: '节点发生了重启。如果不是计划内操作，请查看主机日志和云厂商的维护通知。',
      },
    },
  ],
};
