import type { Hint } from './hint.ts';

const imagePull = {
  en: 'The image cannot be pulled. Check its name and tag, whether the node can reach the registry, and the imagePullSecret.',
  zh: '镜像拉取失败。请检查镜像名和 tag 是否正确、节点能否访问镜像仓库，以及 imagePullSecret 是否有效。',
};

const missingConfig = {
  en: 'The container refers to a Secret, a ConfigMap or a key that does not exist in this namespace.',
  zh: '容器引用的 Secret、ConfigMap 或其中的 key 在该命名空间里不存在。',
};

/** Reasons that the kubelet and the scheduler report about pods. */
export const podHints: Readonly<Record<string, readonly Hint[]>> = {
  BackOff: [
    { when: /pulling image/i, text: imagePull },
    {
      logs: 'previous',
      text: {
        en: 'The container keeps exiting; the pause before each restart grows up to five minutes. The last log lines of its previous run usually say why.',
        zh: '容器反复退出，重启间隔会逐渐延长到五分钟。原因通常在上一次运行的最后几行日志里。',
      },
    },
  ],
  Failed: [
    { when: /ErrImagePull|ImagePullBackOff|pull(ing)? (the )?image/i, text: imagePull },
    { when: /(secret|configmap) .*not found|find key|CreateContainerConfigError/i, text: missingConfig },
    {
      text: {
        en: 'The container could not be started. The message names the step that failed: often a wrong command, a missing file or a missing permission.',
        zh: '容器启动失败。消息里写明了出错的环节，常见原因是启动命令有误、文件不存在或权限不足。',
      },
    },
  ],
  ErrImagePull: [{ text: imagePull }],
  ImagePullBackOff: [{ text: imagePull }],
  CreateContainerConfigError: [{ text: missingConfig }],
  ErrImageNeverPull: [
    {
      text: {
        en: 'The imagePullPolicy is Never, and the node does not have the image.',
        zh: 'imagePullPolicy 为 Never，而节点上没有该镜像。',
      },
    },
  ],
  InspectFailed: [
    {
      text: {
        en: 'The image name is not valid. Look for upper-case letters, spaces or an empty variable in it.',
        zh: '镜像名不合法。请检查其中是否有大写字母、空格或未替换的变量。',
      },
    },
  ],
  OOMKilling: [
    {
      logs: 'previous',
      text: {
        en: 'The kernel killed a process that was out of memory. If this repeats, the memory limit is too low or the process leaks.',
        zh: '进程因内存不足被内核杀掉（OOM）。如果反复出现，说明内存 limit 设得太低，或者程序有内存泄漏。',
      },
    },
  ],
  Unhealthy: [
    {
      when: /^Liveness/i,
      logs: 'current',
      text: {
        en: 'The liveness probe fails; a few failures in a row restart the container. Check whether the process hangs or the probe times out too early.',
        zh: '存活探针失败，连续失败数次后容器会被重启。请检查进程是否卡死，或者探针的超时时间是否太短。',
      },
    },
    {
      when: /^Startup/i,
      logs: 'current',
      text: {
        en: 'The startup probe fails; the container is restarted unless it passes in time. If the start is just slow, raise failureThreshold.',
        zh: '启动探针失败，若迟迟不能通过，容器会被重启。如果只是启动较慢，请调大 failureThreshold。',
      },
    },
    {
      logs: 'current',
      text: {
        en: 'The readiness probe fails: until it passes, the pod gets no traffic from its Services. Check the application and what it depends on.',
        zh: '就绪探针失败，恢复之前 Service 不会把流量转发给该 Pod。请检查应用本身及其依赖的服务。',
      },
    },
  ],
  FailedScheduling: [
    {
      when: /Insufficient|Too many pods/i,
      text: {
        en: "No node has room for the pod's requests. Lower the requests, free capacity or add nodes.",
        zh: '没有节点能满足该 Pod 的资源请求（request）。可以调低 request、释放资源或扩容节点。',
      },
    },
    {
      when: /persistentvolumeclaim|unbound|volume/i,
      text: {
        en: 'The pod waits for a volume: its PersistentVolumeClaim is missing, not bound yet, or bound to a volume in another zone.',
        zh: '该 Pod 在等待存储卷：PVC 不存在、尚未绑定，或者绑定的卷在其他可用区。',
      },
    },
    {
      text: {
        en: "No node fits. Compare the pod's nodeSelector, affinity and tolerations with the labels and taints of the nodes.",
        zh: '没有符合条件的节点。请对照 Pod 的 nodeSelector、亲和性和容忍度，检查节点的标签和污点。',
      },
    },
  ],
  FailedMount: [
    {
      text: {
        en: 'A volume cannot be mounted, so the pod does not start. Check that the Secret, ConfigMap or claim exists, and the storage driver on the node.',
        zh: '存储卷挂载失败，Pod 无法启动。请确认引用的 Secret、ConfigMap 或 PVC 存在，并检查节点上的存储驱动。',
      },
    },
  ],
  FailedAttachVolume: [
    {
      text: {
        en: 'The volume cannot be attached to the node, so the pod does not start. Often it is still attached to the node of the previous pod.',
        zh: '存储卷无法挂载到该节点，Pod 无法启动。常见原因是卷还挂在旧 Pod 所在的节点上。',
      },
    },
  ],
  FailedCreatePodSandBox: [
    {
      text: {
        en: "The pod's network cannot be set up, so it does not start. Check the CNI plugin on the node and whether the subnet has free addresses.",
        zh: 'Pod 的网络（沙箱）创建失败，Pod 无法启动。请检查节点上的 CNI 插件，以及子网是否还有可用 IP。',
      },
    },
  ],
  NetworkNotReady: [
    {
      text: {
        en: "The node's network plugin is not ready, so pods cannot start there. Check the CNI pods on the node.",
        zh: '节点的网络插件未就绪，Pod 无法在该节点启动。请检查节点上的 CNI 组件。',
      },
    },
  ],
  Evicted: [
    {
      text: {
        en: 'The node ran short of a resource and evicted the pod. The message names the resource; find out what uses it up on that node.',
        zh: '节点资源不足，Pod 被驱逐。消息里写明了缺的是哪种资源，请排查该节点上哪些 Pod 占用过高。',
      },
    },
  ],
  Preempted: [
    {
      text: {
        en: 'A pod of higher priority took this place. If that happens often, the cluster needs more capacity.',
        zh: '该 Pod 被更高优先级的 Pod 抢占。如果经常发生，说明集群容量不足。',
      },
    },
  ],
  FailedKillPod: [
    {
      text: {
        en: 'The kubelet cannot stop the pod. Check the container runtime on the node.',
        zh: 'kubelet 无法停止该 Pod，请检查节点上的容器运行时。',
      },
    },
  ],
  FailedPostStartHook: [
    {
      logs: 'previous',
      text: {
        en: 'The postStart hook failed, and the container is killed for it. Run its command inside the container to see why.',
        zh: 'postStart 钩子执行失败，容器会因此被杀掉。请在容器内手动执行该命令排查。',
      },
    },
  ],
  FailedPreStopHook: [
    {
      text: {
        en: 'The preStop hook failed, so the container may end without cleaning up.',
        zh: 'preStop 钩子执行失败，容器可能没有做完清理就退出了。',
      },
    },
  ],
};
