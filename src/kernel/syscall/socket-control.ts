// Ancillary data (cmsg(3), unix(7)): reading it from the sender's msg_control, and writing what came to the receiver's.
import { type Errno, type Fallible, EBADF, EINVAL, EPERM, ETOOMANYREFS, isErr } from '../../abi/errno.ts';
import { CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from '../../abi/capability.ts';
import { RLIMIT_NOFILE } from '../../abi/resource.ts';
import { AF_UNIX, Cmsghdr, MSG_CMSG_CLOEXEC, MSG_CTRUNC, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET, SO_PASSCRED, Ucred } from '../../abi/socket.ts';
import { type Outgoing, type Received, releaseFiles, type Ucreds } from '../net/message.ts';
import type { Socket } from '../net/socket.ts';
import type { Task } from '../task/task.ts';
import type { OpenFile } from '../vfs/open-file.ts';

const HEAD = Cmsghdr.size;
/** SCM_MAX_FD. */
const MAX_FILES = 253;
const MAX_CONTROL = 20480;
const align = (n: number): number => Math.ceil(n / 8) * 8;

/** Fills `msg` from control data; the references it takes belong to `msg`. */
export function loadControl(t: Task, s: Socket, addr: number, length: number, msg: Outgoing): 0 | Errno {
  if (length < HEAD) return 0;
  if (length > MAX_CONTROL) return EINVAL;
  const raw = new Uint8Array(length);
  const e = t.user.copyIn(addr, raw);
  if (e !== 0) return e;
  const head = Cmsghdr.view(raw);
  for (let at = 0; at + HEAD <= length; at += align(head.cmsg_len)) {
    head.at(at);
    if (head.cmsg_len < HEAD || at + head.cmsg_len > length) return failed(msg, EINVAL);
    if (head.cmsg_level !== SOL_SOCKET || s.family !== AF_UNIX) continue;
    const data = raw.subarray(at + HEAD, at + head.cmsg_len);
    const f = head.cmsg_type === SCM_RIGHTS ? takeFiles(t, data, msg) : head.cmsg_type === SCM_CREDENTIALS ? takeCreds(t, data, msg) : EINVAL;
    if (f !== 0) return failed(msg, f);
  }
  return 0;
}

function failed(msg: Outgoing, e: Errno): Errno {
  releaseFiles(msg.files);
  msg.files = null;
  return e;
}

function takeFiles(t: Task, data: Uint8Array, msg: Outgoing): 0 | Errno {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = Math.floor(data.length / 4);
  if (count + (msg.files?.length ?? 0) > MAX_FILES) return EINVAL;
  // unix(7), ETOOMANYREFS; here what all users have in flight counts.
  if (t.kernel.net.unix.filesInFlight + count > t.process.rlimits[RLIMIT_NOFILE]!.soft && !t.cred.has(CAP_SYS_RESOURCE) && !t.cred.has(CAP_SYS_ADMIN)) return ETOOMANYREFS;
  const files: OpenFile[] = [];
  for (let i = 0; i < count; i++) {
    const file = t.files.get(view.getInt32(4 * i, true));
    if (isErr(file)) {
      releaseFiles(files);
      return EBADF;
    }
    files.push(file.get());
  }
  if (files.length > 0) msg.files = [...(msg.files ?? []), ...files];
  return 0;
}

function takeCreds(t: Task, data: Uint8Array, msg: Outgoing): 0 | Errno {
  if (data.length !== Ucred.size) return EINVAL;
  const u = Ucred.view(data.slice());
  const { cred } = t;
  const pidOk = u.pid === t.process.pid || cred.has(CAP_SYS_ADMIN);
  const uidOk = u.uid === cred.uid || u.uid === cred.euid || u.uid === cred.suid || cred.has(CAP_SETUID);
  const gidOk = u.gid === cred.gid || u.gid === cred.egid || u.gid === cred.sgid || cred.has(CAP_SETGID);
  if (!pidOk || !uidOk || !gidOk) return EPERM;
  msg.creds = { pid: u.pid, uid: u.uid, gid: u.gid };
  return 0;
}

/** Writes control data of what was received; descriptors are installed here. The bytes used, and MSG_CTRUNC in `got.flags`. */
export function storeControl(t: Task, s: Socket, got: Received, flags: number, addr: number, room: number): Fallible<number> {
  let used = 0;
  if (s.family === AF_UNIX && s.option(SOL_SOCKET, SO_PASSCRED, 0) !== 0) {
    const creds = encodeCreds(got.creds ?? s.peerCreds);
    const n = storeOne(t, addr, room, SOL_SOCKET, SCM_CREDENTIALS, creds, got);
    if (isErr(n)) {
      releaseFiles(got.files);
      return n;
    }
    used += n;
  }
  for (const { level, type, data } of got.notes ?? []) {
    const n = storeOne(t, addr + used, room - used, level, type, data, got);
    if (isErr(n)) return n;
    used += n;
  }
  if (got.files === null) return used;
  const n = storeFiles(t, got.files, addr + used, room - used, flags, got);
  return isErr(n) ? n : used + n;
}

/** As many descriptors as there is room, and free numbers, for; the others are closed (recvmsg(2), MSG_CTRUNC). */
function storeFiles(t: Task, files: OpenFile[], addr: number, room: number, flags: number, got: Received): Fallible<number> {
  const fit = Math.max(0, Math.min(files.length, Math.floor((room - HEAD) / 4)));
  const cloexec = (flags & MSG_CMSG_CLOEXEC) !== 0 ? 'cloexec' : 'keep';
  const fds = new Int32Array(fit);
  let n = 0;
  while (n < fit) {
    const fd = t.files.install(t, files[n]!, cloexec);
    if (fd < 0) break;
    fds[n++] = fd;
  }
  if (n < files.length) got.flags |= MSG_CTRUNC;
  releaseFiles(files.slice(n));
  return n === 0 ? 0 : storeOne(t, addr, room, SOL_SOCKET, SCM_RIGHTS, new Uint8Array(fds.buffer, 0, 4 * n), got);
}

function storeOne(t: Task, addr: number, room: number, level: number, type: number, data: Uint8Array, got: Received): Fallible<number> {
  if (room < HEAD) {
    got.flags |= MSG_CTRUNC;
    return 0;
  }
  const length = Math.min(HEAD + data.length, room);
  if (length < HEAD + data.length) got.flags |= MSG_CTRUNC;
  const out = new Uint8Array(Math.min(align(length), room));
  const head = Cmsghdr.view(new Uint8Array(HEAD));
  head.cmsg_len = length;
  head.cmsg_level = level;
  head.cmsg_type = type;
  out.set(head.bytes);
  out.set(data.subarray(0, length - HEAD), HEAD);
  const e = t.user.copyOut(addr, out);
  return e !== 0 ? e : out.length;
}

function encodeCreds(creds: Ucreds): Uint8Array {
  const u = Ucred.view();
  u.pid = creds.pid;
  u.uid = creds.uid;
  u.gid = creds.gid;
  return u.bytes;
}
