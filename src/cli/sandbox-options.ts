// The options that confine a command, for `run` and `exec`: sandbox.ts says what they do.
import type { OptionSpec } from './options.ts';

export const SANDBOX: readonly OptionSpec[] = [
  { long: 'cap-add', value: 'CAP', repeat: true, help: 'give a capability back that --cap-drop took: NET_RAW, or ALL' },
  { long: 'cap-drop', value: 'CAP', repeat: true, help: 'take a capability away, for good: SYS_ADMIN, or ALL' },
  { long: 'security-opt', value: 'OPT', repeat: true, help: 'no-new-privileges; seccomp=FILE (a JSON profile), seccomp=default, seccomp=unconfined; wx (no memory is both written and executed), wx-exempt=/PROGRAM' },
  { long: 'pids-limit', value: 'N', help: 'at most N processes and threads' },
  { long: 'ulimit', value: 'NAME=SOFT[:HARD]', repeat: true, help: 'a resource limit: nofile=64:128, cpu=10, nproc=unlimited' },
  { long: 'network', value: 'WIRE', help: 'none: no network but the loopback (default); null: a card, eth0, on a wire that leads nowhere; pcap:FILE: the same, and all that passes goes into a capture file' },
  { long: 'lockdown', value: 'LEVEL', help: 'integrity or confidentiality: what even root may not do to the kernel' },
  { long: 'verity', value: 'ROOTHASH', optional: true, help: 'the image must be sealed, with this root hash if one is given; the kernel checks every page it reads' },
  { long: 'require-sealed', value: 'KEYFILE', help: 'the same, and its seal must be signed with this ed25519 key (PEM)' },
  { long: 'self-audit', value: 'SECONDS', help: 'how often the kernel audits itself while it runs; what it finds is a panic (default 60 with --lockdown, else 0: never)' },
  { long: 'ima-policy', value: 'FILE', help: 'files to measure, appraise and audit, in the rules of IMA; tcb: measure whatever root runs and reads' },
  { long: 'ima-key', value: 'KEYFILE', repeat: true, help: 'an RSA key (PEM) that signatures in security.ima may be made with' },
  { long: 'hardening', value: 'WHAT', help: 'realm (default): the objects of JavaScript itself are made unchangeable first, and no text becomes code; none' },
  { long: 'module', value: 'FILE', repeat: true, help: 'a module of the kernel (kspace module); nobody vouches for it: the kernel is tainted, under --lockdown it is refused' },
  { long: 'trust', value: 'FILE', repeat: true, help: 'a list of hashes and keys that vouch for modules' },
  { long: 'policy', value: 'FILE', help: 'a TypeScript module that sees system calls and allows, denies, logs or asks' },
  { long: 'audit-log', value: 'FILE', help: 'what seccomp, Landlock and policies decided, as JSON lines' },
];
