// Constants of src/abi that the recorder's headers (Linux 6.1, glibc 2.36) do not have or have otherwise, and why they are right all the same.

/** Module, then name, then the source. */
export const NOT_IN_HEADERS: Record<string, Record<string, string>> = {
  auxv: {
    ...because('Linux 6.3, getauxval(3)', 'AT_RSEQ_FEATURE_SIZE AT_RSEQ_ALIGN'),
    ...because('bit of the letter V, Linux 6.5', 'COMPAT_HWCAP_ISA_V'),
  },
  dirent: because('derived from the struct', 'DIRENT64_NAME'),
  elf: because('RISC-V ELF psABI', 'EF_RISCV_RVC EF_RISCV_FLOAT_ABI EF_RISCV_RVE PT_RISCV_ATTRIBUTES'),
  errno: because('never leaves the kernel', 'BLOCKED ERESTARTSYS ERESTARTNOINTR ERESTARTNOHAND ERESTART_RESTARTBLOCK'),
  eventfd: because('pidfd_open(2), Linux 6.9: equals O_EXCL', 'PIDFD_THREAD'),
  fcntl: {
    ...because('access(2), from unistd.h', 'F_OK X_OK W_OK R_OK'),
    ...because('Linux 6.3 to 6.12: memfd_create(2), fcntl(2), preadv2(2)', 'MFD_NOEXEC_SEAL MFD_EXEC F_SEAL_EXEC F_DUPFD_QUERY F_CREATED_QUERY RWF_NOAPPEND'),
    ...because('ours', 'SETFL_MASK'),
  },
  fuse: {
    ...because('the version we speak', 'FUSE_KERNEL_MINOR_VERSION'),
    ...because('derived from the structs', 'FUSE_DIRENTPLUS_ENTRY'),
  },
  hwprobe: because('Linux 6.4 and newer: hwprobe.rst', `
    RISCV_HWPROBE_KEY_MVENDORID RISCV_HWPROBE_KEY_MARCHID RISCV_HWPROBE_KEY_MIMPID RISCV_HWPROBE_KEY_BASE_BEHAVIOR RISCV_HWPROBE_KEY_IMA_EXT_0
    RISCV_HWPROBE_KEY_CPUPERF_0 RISCV_HWPROBE_KEY_ZICBOZ_BLOCK_SIZE RISCV_HWPROBE_KEY_HIGHEST_VIRT_ADDRESS RISCV_HWPROBE_KEY_TIME_CSR_FREQ
    RISCV_HWPROBE_KEY_MISALIGNED_SCALAR_PERF RISCV_HWPROBE_BASE_BEHAVIOR_IMA RISCV_HWPROBE_IMA_FD RISCV_HWPROBE_IMA_C RISCV_HWPROBE_IMA_V
    RISCV_HWPROBE_EXT_ZBA RISCV_HWPROBE_EXT_ZBB RISCV_HWPROBE_EXT_ZBS RISCV_HWPROBE_EXT_ZICBOZ RISCV_HWPROBE_EXT_ZBC RISCV_HWPROBE_EXT_ZTSO
    RISCV_HWPROBE_EXT_ZACAS RISCV_HWPROBE_EXT_ZICOND RISCV_HWPROBE_EXT_ZIHINTPAUSE RISCV_HWPROBE_MISALIGNED_UNKNOWN
    RISCV_HWPROBE_MISALIGNED_EMULATED RISCV_HWPROBE_MISALIGNED_SLOW RISCV_HWPROBE_MISALIGNED_FAST RISCV_HWPROBE_MISALIGNED_UNSUPPORTED
    RISCV_HWPROBE_WHICH_CPUS SYS_RISCV_FLUSH_ICACHE_LOCAL`),
  input: because('numbers of requests whose length is the caller\'s: their macros take it', `EVIOC_TYPE EVIOC_NR_NAME EVIOC_NR_PHYS EVIOC_NR_UNIQ EVIOC_NR_PROP EVIOC_NR_MTSLOTS
    EVIOC_NR_KEY EVIOC_NR_LED EVIOC_NR_SND EVIOC_NR_SW EVIOC_NR_BIT EVIOC_NR_ABS EVIOC_NR_SET_ABS`),
  keyctl: because('keyctl_setperm(3): one octet of the mask', 'KEY_VIEW KEY_READ KEY_WRITE KEY_SEARCH KEY_LINK KEY_SETATTR KEY_ALL'),
  landlock: {
    ...because('what landlock_create_ruleset(2) answers', 'LANDLOCK_ABI'),
    ...because('landlock(7), ABI 3 to 7', `LANDLOCK_ACCESS_FS_TRUNCATE LANDLOCK_ACCESS_FS_IOCTL_DEV LANDLOCK_ACCESS_NET_BIND_TCP LANDLOCK_ACCESS_NET_CONNECT_TCP
      LANDLOCK_RULE_NET_PORT LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET LANDLOCK_SCOPE_SIGNAL LANDLOCK_CREATE_RULESET_ERRATA
      LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF`),
  },
  mman: {
    ...because('membarrier(2), Linux 6.3', 'MEMBARRIER_CMD_GET_REGISTRATIONS'),
    ...because('set_mempolicy(2), Linux 6.9', 'MPOL_WEIGHTED_INTERLEAVE'),
    ...because('swapon(2), from sys/swap.h, and all of them together', `SWAP_FLAG_PREFER SWAP_FLAG_PRIO_MASK SWAP_FLAG_DISCARD SWAP_FLAG_DISCARD_ONCE
      SWAP_FLAG_DISCARD_PAGES SWAP_FLAGS_VALID`),
  },
  prctl: because('Linux 6.3', 'PR_SET_MDWE PR_GET_MDWE PR_MDWE_REFUSE_EXEC_GAIN PR_MDWE_NO_INHERIT'),
  seccomp: because('seccomp_unotify(2), Linux 6.6', 'SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP SECCOMP_IOCTL_NOTIF_SET_FLAGS'),
  signal: because('ours: the sizes of the signal(7) types', 'NSIG SIGSET_SIZE SIGINFO_SIZE'),
  socket: {
    ...because('udp(7); unix(7), Linux 6.5', 'SOL_UDP SCM_SECURITY SCM_PIDFD SO_PASSPIDFD SO_PEERPIDFD'),
    ...because('ours: sizeof(struct sockaddr_storage)', 'SOCKADDR_STORAGE_SIZE'),
  },
  stat: because('statx(2), Linux 6.8 to 6.11', 'STATX_MNT_ID_UNIQUE STATX_SUBVOL STATX_WRITE_ATOMIC'),
  statfs: because('statfs(2)', 'ST_VALID ST_NOSYMFOLLOW MQUEUE_MAGIC PID_FS_MAGIC'),
  syslog: because('syslog(2)', `SYSLOG_ACTION_CLOSE SYSLOG_ACTION_OPEN SYSLOG_ACTION_READ SYSLOG_ACTION_READ_ALL SYSLOG_ACTION_READ_CLEAR
    SYSLOG_ACTION_CLEAR SYSLOG_ACTION_CONSOLE_OFF SYSLOG_ACTION_CONSOLE_ON SYSLOG_ACTION_CONSOLE_LEVEL SYSLOG_ACTION_SIZE_UNREAD
    SYSLOG_ACTION_SIZE_BUFFER`),
  time: because('utimensat(2); sysconf(3) _SC_CLK_TCK', 'UTIME_NOW UTIME_OMIT USER_HZ'),
  'syscall-numbers': because('Linux 6.4 to 6.15', `riscv_hwprobe cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue statmount
    listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat listxattrat removexattrat open_tree_attr`),
};

function because(source: string, names: string): Record<string, string> {
  return Object.fromEntries(names.trim().split(/\s+/).map(n => [n, source]));
}
