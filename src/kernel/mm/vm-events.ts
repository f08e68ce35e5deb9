// What happened to memory since boot: the counters of /proc/vmstat (proc_vmstat(5)).

export class VmEvents {
  pgfault = 0; pgmajfault = 0;
  pgalloc = 0; pgfree = 0;
  pgactivate = 0; pgdeactivate = 0; pgrefill = 0; pgrotated = 0;
  pgscan_kswapd = 0; pgscan_direct = 0; pgsteal_kswapd = 0; pgsteal_direct = 0;
  pgscan_anon = 0; pgscan_file = 0; pgsteal_anon = 0; pgsteal_file = 0;
  allocstall = 0; pageoutrun = 0; drop_pagecache = 0; drop_slab = 0; oom_kill = 0;
  pswpin = 0; pswpout = 0;
  workingset_refault_anon = 0; workingset_refault_file = 0; workingset_activate_anon = 0; workingset_activate_file = 0;
  unevictable_pgs_culled = 0; unevictable_pgs_rescued = 0;
  zswpin = 0; zswpout = 0;
  balloon_inflate = 0; balloon_deflate = 0;
}
