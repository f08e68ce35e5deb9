// What uname(2), /proc/version and the boot message say. The release names the Linux interface we follow, then ourselves.

export const KERNEL_RELEASE = '6.12.0-kspace';
export const KERNEL_VERSION = '#1 PREEMPT kspace';
