// The program that a build runs so that V8 has compiled what programs need (code-cache.cjs): a RISC-V ELF file that makes the calls which loaders, shells and
// interpreters start with. What they answer does not matter; that the kernel has been there does.
'use strict';

/** BUFFER: calls answer there; ZEROS stay so. */
const BASE = 0x10000, BUFFER = 0x20000, ZEROS = 0x23000, MEMORY = 0x4000_0000;
const AT_FDCWD = -100;
const A0 = 10, A7 = 17, T0 = 5, T1 = 6;
/** Where the handler of signals is: the second instruction. */
const HANDLER = BASE + 64 + 56 + 4;

/** The ELF file (elf(5)) of a static program: `exit` ends at once, `busy` makes calls, and starts /exit twice. */
exports.program = function program(what) {
  const code = [], strings = [], data = [];
  const emit = (...words) => { code.push(...words); };
  const path = text => {
    strings.push(text);
    return { text };
  };
  const li = (rd, v) => {
    if (typeof v === 'object') { data.push({ at: code.length, rd, text: v.text }); emit(0, 0); return; }
    emit(...constant(rd, v));
  };
  const call = (nr, ...args) => {
    args.forEach((v, i) => li(A0 + i, v));
    li(A7, nr);
    emit(0x73);
  };
  emit(8 << 20 | 0x6f, 0x8067); // j over it; ret
  if (what === 'busy') beBusy({ call, emit, path });
  call(94, 0);
  return elfOf(code, strings, data);
};

function beBusy({ call, emit, path }) {
  const self = path('/busy'), exit = path('/exit'), file = path('/tmp/f');
  // A loader: memory, libraries, threads' things.
  call(214, 0);
  emit(lui(T0, 0x21), add(A0, A0, T0), ...constant(A7, 214), 0x73);
  call(222, 0, 0x20000, 3, 0x22, -1, 0);
  for (const dir of ['/lib/none', '/link']) call(56, AT_FDCWD, path(dir), 0x80000, 0);
  call(79, 3, path(''), BUFFER, 0x1000);
  call(80, 3, BUFFER);
  call(63, 3, BUFFER, 832);
  call(67, 3, BUFFER, 64, 64);
  call(62, 3, 0, 0);
  call(222, MEMORY, 0x4000, 5, 0x812, 3, 0);
  call(222, MEMORY + 0x2000, 0x2000, 3, 0x812, 3, 0);
  emit(lui(T0, (MEMORY + 0x2000) >>> 12), store(T0));
  call(226, MEMORY + 0x2000, 0x1000, 1);
  call(222, MEMORY + 0x10000, 0x20000, 3, 0x32, -1, 0);
  emit(lui(T0, (MEMORY + 0x10000) >>> 12), store(T0));
  call(233, MEMORY + 0x10000, 0x20000, 4);
  call(215, MEMORY + 0x10000, 0x20000);
  call(57, 3);
  for (const [nr, ...args] of [[96, ZEROS], [99, ZEROS + 64, 24], [261, 0, 3, 0, BUFFER], [278, BUFFER, 8, 1], [160, BUFFER], [179, BUFFER], [17, BUFFER, 64], [293, ZEROS + 128, 32, 0, 0]]) call(nr, ...args);
  for (const nr of [172, 173, 174, 175, 176, 177, 178]) call(nr);
  // Instructions: short ones, an atomic one, a loop that is sampled.
  emit(0x0505_4501, 0x0001_852e, lui(T0, BUFFER + 0x1000 >>> 12), T0 << 15 | 2 << 12 | 0x2f, lui(T0, 8), addi(T0, T0, -1), notZero(T0, -4));
  // What libraries look at.
  for (const name of ['/proc/sys/vm/overcommit_memory', '/proc/filesystems', '/sys/devices/system/cpu/online']) {
    call(56, AT_FDCWD, path(name), 0x80000, 0);
    call(80, 3, BUFFER);
    call(63, 3, BUFFER, 1024);
    call(57, 3);
  }
  call(43, path('/sys/fs/selinux'), BUFFER);
  call(78, AT_FDCWD, path('/proc/self/exe'), BUFFER, 64);
  call(198, 1, 0x80801, 0);
  call(57, 3);
  // An interpreter or a shell: files, directories, signals, pipes.
  call(48, AT_FDCWD, self, 4);
  call(79, AT_FDCWD, path('/none'), BUFFER, 0);
  call(291, AT_FDCWD, self, 0, 0x7ff, BUFFER);
  call(78, AT_FDCWD, path('/link'), BUFFER, 64);
  call(56, AT_FDCWD, path('/'), 0x90000, 0);
  call(61, 3, BUFFER, 4096);
  call(61, 3, BUFFER, 4096);
  call(57, 3);
  call(56, AT_FDCWD, file, 0x242, 0o644);
  call(64, 3, BUFFER, 5000);
  call(62, 3, 0, 0);
  call(63, 3, BUFFER, 5000);
  call(57, 3);
  call(35, AT_FDCWD, file, 0);
  call(56, AT_FDCWD, path('/dev/null'), 2, 0);
  call(64, 3, BUFFER, 8);
  call(57, 3);
  call(29, 0, 0x5401, BUFFER);
  call(25, 1, 3, 0);
  call(24, 1, 10, 0x80000);
  call(57, 10);
  call(134, 17, 0, BUFFER, 8);
  call(134, 2, ZEROS + 256, BUFFER, 8);
  emit(...constant(T0, HANDLER), ...constant(T1, ZEROS + 512), T0 << 20 | T1 << 15 | 3 << 12 | 0x23); // sd t0, (t1)
  call(134, 10, ZEROS + 512, 0, 8);
  call(129, 0, 10);
  call(135, 0, ZEROS, BUFFER + 16, 8);
  call(135, 2, ZEROS, 0, 8);
  call(166, 18);
  call(155, 0);
  call(113, 1, BUFFER);
  call(98, BUFFER, 129, 1);
  call(59, BUFFER, 0);
  call(64, 4, BUFFER, 5);
  call(63, 3, BUFFER, 5);
  // Two processes, by fork and by vfork: their output goes into the pipe, which is read to its end, and they run another program.
  for (const flags of [17, 0x4111]) {
    call(220, flags, 0, 0, 0, 0);
    emit(notZero(A0, 4 * (1 + 5 + EXEC_WORDS)));
    call(24, 4, 1, 0);
    call(221, exit, 0, 0);
    call(260, -1, BUFFER, 0, 0);
  }
  call(57, 4);
  call(63, 3, BUFFER, 5);
  call(64, 1, BUFFER, 1);
  call(63, 0, BUFFER, 1);
}

/** execve(exit, 0, 0) in words: an address is two, a small number one. */
const EXEC_WORDS = 6;

const lui = (rd, page) => page << 12 | rd << 7 | 0x37;
const addi = (rd, rs1, v) => (v & 0xfff) << 20 | rs1 << 15 | rd << 7 | 0x13;
const add = (rd, rs1, rs2) => rs2 << 20 | rs1 << 15 | rd << 7 | 0x33;
/** sd zero, 0(rs1) */
const store = rs1 => rs1 << 15 | 3 << 12 | 0x23;
/** bne rs1, zero, so many bytes on */
function notZero(rs1, d) {
  return (d >> 12 & 1) << 31 | (d >> 5 & 63) << 25 | rs1 << 15 | 1 << 12 | (d >> 1 & 15) << 8 | (d >> 11 & 1) << 7 | 0x63;
}

function constant(rd, v) {
  if (v >= -2048 && v < 2048) return [addi(rd, 0, v)];
  const page = v + 0x800 >>> 12;
  return [lui(rd, page), addi(rd, rd, v - (page << 12))];
}

/** One segment for everything, and a page behind it. */
function elfOf(code, strings, data) {
  const header = 64 + 56, texts = new Map();
  let end = header + 4 * code.length;
  for (const text of strings) if (!texts.has(text)) { texts.set(text, end); end += text.length + 1; }
  for (const { at, rd, text } of data) {
    const address = BASE + texts.get(text), page = address + 0x800 >>> 12;
    code[at] = lui(rd, page);
    code[at + 1] = addi(rd, rd, address - (page << 12));
  }
  const elf = Buffer.alloc(end);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(2, 16); // ET_EXEC
  elf.writeUInt16LE(243, 18); // EM_RISCV
  elf.writeUInt32LE(1, 20);
  elf.writeUInt32LE(BASE + header, 24);
  elf.writeUInt32LE(64, 32);
  elf.writeUInt32LE(5, 48); // compressed instructions, doubles
  [64, 56, 1].forEach((n, i) => elf.writeUInt16LE(n, 52 + 2 * i));
  [1, 7].forEach((n, i) => elf.writeUInt32LE(n, 64 + 4 * i)); // PT_LOAD, PF_R | PF_W | PF_X
  [[BASE, 16], [BASE, 24], [elf.length, 32], [BUFFER + 0x4000 - BASE, 40], [4096, 48]].forEach(([n, at]) => elf.writeUInt32LE(n, 64 + at));
  code.forEach((word, i) => elf.writeInt32LE(word | 0, header + 4 * i));
  for (const [text, at] of texts) elf.write(`${text}\0`, at, 'latin1');
  return elf;
}
