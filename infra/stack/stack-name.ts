/** The name of a stack that is given no other. */
export const DEFAULT_STACK_NAME = 'kube-courier';
