// /dev/input/eventN as a program sees it (linux/input.h): what the device says of itself, events, state, LEDs, grabbing, masks, clocks, overflow, revocation, and a
// device that is pulled out. evdev.test.ts moves the devices: the program asks for a step with a line "step NAME" and goes on when a byte comes.
#include "t.h"
#define _SYS_TIME_H   // libc's, which the header would take along
#define _SYS_TYPES_H
#define _SYS_IOCTL_H
#include <linux/input.h>

static struct input_event ev[512];

static void step(const char *name) {
  char c;
  printf("step %s\n", name);
  must(read(0, &c, 1) - 1);
}

/** Reads once and prints what came. */
static long show(int fd) {
  long n = read(fd, ev, sizeof ev);
  if (n < 0) { printf("  %s\n", err(n)); return n; }
  for (long i = 0; i < n / 24; i++) printf("  %d %d %d\n", ev[i].type, ev[i].code, ev[i].value);
  return n / 24;
}

static void events_of(int fd, const char *what) {
  struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
  struct timespec none = { 0, 0 };
  ppoll(&p, 1, &none, NULL);
  printf("%s: poll %x\n", what, p.revents);
}

static int bits(const u8 *map, int bytes) {
  int n = 0;
  for (int i = 0; i < 8 * bytes; i++) n += map[i / 8] >> i % 8 & 1;
  return n;
}

static void describe(int fd) {
  int version; struct input_id id; char text[64]; u8 map[96]; int rep[2]; struct input_absinfo abs;
  V("version", ioctl(fd, EVIOCGVERSION, &version) ?: version);
  ioctl(fd, EVIOCGID, &id);
  printf("id %x %x %x %x\n", id.bustype, id.vendor, id.product, id.version);
  long n = ioctl(fd, EVIOCGNAME(sizeof text), text);
  printf("name %ld %s\n", n, text);
  memset(text, 0, sizeof text);
  n = ioctl(fd, EVIOCGNAME(6), text);
  printf("cut %ld %s\n", n, text);
  E("phys", ioctl(fd, EVIOCGPHYS(sizeof text), text));
  E("uniq", ioctl(fd, EVIOCGUNIQ(sizeof text), text));
  V("properties", ioctl(fd, EVIOCGPROP(sizeof map), map));
  for (int type = 0; type < 0x20; type++) {
    memset(map, 0, sizeof map);
    n = ioctl(fd, EVIOCGBIT(type, sizeof map), map);
    if (n != -EINVAL && (type == 0 || bits(map, n) > 0)) printf("type %x: %ld bytes, %d codes, first byte %x\n", type, n, bits(map, n), map[0]);
  }
  E("bits of EV_REP", ioctl(fd, EVIOCGBIT(EV_REP, sizeof map), map));
  V("bits in 3 bytes", ioctl(fd, EVIOCGBIT(EV_KEY, 3), map));
  n = ioctl(fd, EVIOCGREP, rep);
  printf("repeat %s %d %d\n", err(n), n ? 0 : rep[0], n ? 0 : rep[1]);
  n = ioctl(fd, EVIOCGABS(ABS_X), &abs);
  if (n) printf("axis %s\n", err(n));
  else printf("axis %d %d %d %d %d %d\n", abs.value, abs.minimum, abs.maximum, abs.fuzz, abs.flat, abs.resolution);
}

static void refusals(int fd) {
  u8 map[96]; int n = 7;
  E("slots", ioctl(fd, EVIOCGMTSLOTS(8), map));
  E("key map", ioctl(fd, EVIOCGKEYCODE, map));
  E("upload an effect", ioctl(fd, EVIOCSFF, map));
  V("effects", ioctl(fd, EVIOCGEFFECTS, &n) ?: n);
  E("unknown", ioctl(fd, _IOR('E', 0x7f, int), map));
  E("other type", ioctl(fd, TCGETS, map));
  E("bad address", ioctl(fd, EVIOCGNAME(8), 8));
  E("seek", lseek(fd, 0, 0));
  E("short read", read(fd, ev, 23));
  E("short write", write(fd, ev, 23));
  V("empty write", write(fd, ev, 0));
}

static void keyboard(void) {
  int fd = must(open("/dev/input/event0", O_RDWR | O_NONBLOCK));
  u8 map[96];
  describe(fd);
  refusals(fd);
  events_of(fd, "quiet");
  E("empty", read(fd, ev, sizeof ev));
  E("read of nothing", read(fd, ev, 0));

  int reader = must(open("/dev/input/event0", O_RDONLY));
  V("read of nothing, patient", read(reader, ev, 0));
  step("a");                                    // A goes down and up
  show(reader);
  events_of(fd, "a key");
  printf("one by one\n");
  long n = read(fd, ev, 30);
  printf("  %ld bytes: %d %d %d\n", n, ev[0].type, ev[0].code, ev[0].value);
  show(fd);

  step("shift down");
  ioctl(reader, EVIOCGKEY(sizeof map), map);
  printf("keys down %d, shift %d\n", bits(map, 96), map[KEY_LEFTSHIFT / 8] >> KEY_LEFTSHIFT % 8 & 1);
  events_of(reader, "told");
  step("shift up");
  printf("the other reader\n");
  show(fd);
  show(reader);

  int rep[2] = { 100, 50 };
  E("set repeat", ioctl(fd, EVIOCSREP, rep));
  step("b down");
  msleep(260);                                  // 100, 150, 200, 250
  step("b up");
  printf("repeating\n");
  show(reader);
  show(fd);

  struct input_event led[2] = { { .type = EV_LED, .code = LED_CAPSL, .value = 1 }, { .type = EV_SYN } };
  V("light on", write(fd, led, sizeof led));
  ioctl(fd, EVIOCGLED(8), map);
  printf("lights %x\n", map[0]);
  printf("its echo\n");
  show(reader);
  step("look at the lights");
  V("again", write(fd, led, sizeof led));
  events_of(reader, "nothing new");
  events_of(fd, "nothing left to tell");

  E("grab", ioctl(fd, EVIOCGRAB, 1));
  E("grab twice", ioctl(reader, EVIOCGRAB, 1));
  E("give back what one has not", ioctl(reader, EVIOCGRAB, 0));
  step("a");
  events_of(reader, "left out");
  show(fd);
  E("give back", ioctl(fd, EVIOCGRAB, 0));

  u8 mask[96] = { 0 };
  struct input_mask m = { .type = EV_KEY, .codes_size = sizeof mask, .codes_ptr = (u64)mask };
  mask[KEY_A / 8] = 1 << KEY_A % 8;
  E("mask", ioctl(fd, EVIOCSMASK, &m));
  memset(mask, 0, sizeof mask);
  ioctl(fd, EVIOCGMASK, &m);
  printf("lets through %d keys\n", bits(mask, 96));
  step("a and b");
  show(fd);
  show(reader);
  memset(mask, 0xff, sizeof mask);
  ioctl(fd, EVIOCSMASK, &m);

  int clock = CLOCK_MONOTONIC, wrong = 12;
  step("a");
  E("wrong clock", ioctl(fd, EVIOCSCLOCKID, &wrong));
  E("clock", ioctl(fd, EVIOCSCLOCKID, &clock));
  show(fd);
  step("a");
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  read(fd, ev, sizeof ev);
  printf("on time: %d\n", now.tv_sec == (long)ev[0].input_event_sec || now.tv_sec == (long)ev[0].input_event_sec + 1);
  clock_gettime(CLOCK_REALTIME, &now);
  show(reader);
  printf("by the wall clock: %d\n", now.tv_sec - (long)ev[0].input_event_sec < 10 && now.tv_sec >= (long)ev[0].input_event_sec);

  step("forty presses");
  n = show(reader);
  events_of(reader, "read all");
  E("revoke with an argument", ioctl(fd, EVIOCREVOKE, 1));
  E("revoke", ioctl(fd, EVIOCREVOKE, 0));
  events_of(fd, "revoked");
  E("read", read(fd, ev, sizeof ev));
  E("write", write(fd, led, sizeof led));
  E("ask", ioctl(fd, EVIOCGVERSION, map));

  step("unplug soon");
  printf("waiting\n");
  show(reader);
  show(reader);
  events_of(reader, "gone");
  E("ask", ioctl(reader, EVIOCGVERSION, map));
  E("open", open("/dev/input/event0", O_RDONLY));
}

static void tablet(void) {
  int fd = must(open("/dev/input/event1", O_RDWR));
  struct input_absinfo abs;
  describe(fd);
  step("point");
  show(fd);
  ioctl(fd, EVIOCGABS(ABS_Y), &abs);
  printf("y %d of %d\n", abs.value, abs.maximum);
  step("same place, then click and wheel");
  show(fd);
  abs.fuzz = 1000;
  E("fuzz", ioctl(fd, EVIOCSABS(ABS_X), &abs));
  E("no such axis", ioctl(fd, EVIOCGABS(ABS_Z), &abs));
  printf("%d %d\n", abs.minimum, abs.maximum);
  step("tremble");
  show(fd);
}

int main(int argc, char **argv) {
  if (argv[1][0] == 'k') keyboard();
  else tablet();
}
