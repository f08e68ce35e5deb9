// Calls without sense on /dev/fb0 and /dev/input/event*: ioctls by number and at random, good and bad addresses, reads, writes, mappings, panning, grabbing, from two processes.
// Nothing is checked here: gadgets.test.ts looks at the machine afterwards. argv: seed, rounds.
#include "t.h"
#define _SYS_TIME_H
#define _SYS_TYPES_H
#define _SYS_IOCTL_H
#include <linux/input.h>
#include <linux/fb.h>

static u64 x;
static u32 any(void) {
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x >> 11;
}
static u32 below(u32 n) { return any() % n; }

static const u32 KNOWN[] = {
  FBIOGET_VSCREENINFO, FBIOPUT_VSCREENINFO, FBIOGET_FSCREENINFO, FBIOGETCMAP, FBIOPUTCMAP, FBIOPAN_DISPLAY, FBIOBLANK, FBIOGET_CON2FBMAP, FBIO_WAITFORVSYNC,
  EVIOCGVERSION, EVIOCGID, EVIOCGREP, EVIOCSREP, EVIOCGKEYCODE, EVIOCGNAME(64), EVIOCGPHYS(3), EVIOCGUNIQ(0), EVIOCGPROP(100), EVIOCGMTSLOTS(40), EVIOCGKEY(96), EVIOCGLED(8),
  EVIOCGSND(4000), EVIOCGSW(1), EVIOCGBIT(0, 96), EVIOCGBIT(1, 16000), EVIOCGBIT(0x15, 16), EVIOCGABS(0), EVIOCGABS(0x3f), EVIOCSABS(1), EVIOCSABS(0x2f), EVIOCSFF, EVIOCRMFF,
  EVIOCGEFFECTS, EVIOCGRAB, EVIOCGMASK, EVIOCSMASK, EVIOCSCLOCKID,
};
enum { KNOWNS = sizeof KNOWN / sizeof *KNOWN };

static u32 *memory;

/** The last page is not there. */
static void *address(void) {
  switch (below(8)) {
    case 0: return (void *)((u64)any() << 24);
    case 1: return (char *)memory + 4 * PAGE - below(200);
    case 2: return (void *)-(u64)below(5000);
    default:
      for (int i = 0; i < 64; i++) memory[i] = below(3) ? below(400) : any();
      if (below(2)) ((u64 *)memory)[1 + below(4)] = (u64)memory + below(4 * PAGE);
      return memory;
  }
}

static void round_(int fd) {
  switch (below(8)) {
    case 0: read(fd, address(), below(5000)); return;
    case 1: write(fd, address(), below(5000)); return;
    case 2: lseek(fd, below(2) ? any() : (long)any() * any(), below(5)); return;
    case 3: {
      long length = PAGE * (1 + below(40));
      u32 *p = mmap(0, length, below(8), below(3) ? MAP_SHARED : MAP_PRIVATE, fd, PAGE * below(40));
      if ((long)p < 0 && (long)p > -4096) return;
      SC(msync, p, PAGE, MS_SYNC);
      SC(madvise, p, PAGE, below(30));
      u32 word = any();
      pwrite(fd, p, 64, below(9000));          // from a mapping of itself
      pread(fd, p, 64, below(9000));
      if (below(8)) SC(munmap, p, length);
      return;
    }
    case 4: ioctl(fd, below(4) ? (any() & 0xc0ff00ff) | (below(2) ? 0x4500 : 0x4600) : any(), address()); return;
    default: ioctl(fd, KNOWN[below(KNOWNS)], address()); return;
  }
}

int main(int argc, char **argv) {
  x = atol(argv[1]) * 2654435761 + 1;
  memory = mmap(0, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SC(munmap, (char *)memory + 4 * PAGE, PAGE);
  if (SC(clone, 0) == 0) x ^= 0x1234567;
  int fds[3] = { -1, -1, -1 };
  for (long i = atol(argv[2]); i > 0; i--) {
    int k = below(3);
    if (below(200) == 0 || fds[k] < 0) {
      if (fds[k] >= 0) close(fds[k]);
      fds[k] = open(k == 0 ? "/dev/fb0" : k == 1 ? "/dev/input/event0" : "/dev/input/event1", (below(4) ? O_RDWR : below(2)) | O_NONBLOCK);
    }
    round_(fds[k]);
  }
}
