// /dev/fb0 as a program sees it (linux/fb.h, Documentation/fb): geometry, drawing by write and by mapping, panning, other sizes, blanking, colour maps, and a display that is
// pulled out. fb.test.ts looks at the display: the program asks for that with a line "step NAME" and goes on when a byte comes.
#include "t.h"
#include <linux/fb.h>

static struct fb_var_screeninfo var;
static struct fb_fix_screeninfo fix;

static void step(const char *name) {
  char c;
  printf("step %s\n", name);
  must(read(0, &c, 1) - 1);
}

static void show(const char *what) {
  printf("%s: %dx%d of %dx%d at %d,%d, %d bits %d/%d %d/%d %d/%d %d/%d\n", what, var.xres, var.yres, var.xres_virtual, var.yres_virtual, var.xoffset, var.yoffset, var.bits_per_pixel,
    var.red.offset, var.red.length, var.green.offset, var.green.length, var.blue.offset, var.blue.length, var.transp.offset, var.transp.length);
}

static void set(int fd, const char *what) {
  long r = ioctl(fd, FBIOPUT_VSCREENINFO, &var);
  printf("%s: %s\n", what, err(r));
  if (r == 0) show("  now");
  ioctl(fd, FBIOGET_VSCREENINFO, &var);
}

static void pan(int fd, int x, int y) {
  var.xoffset = x;
  var.yoffset = y;
  long r = ioctl(fd, FBIOPAN_DISPLAY, &var);
  ioctl(fd, FBIOGET_VSCREENINFO, &var);
  printf("pan to %d,%d: %s, at %d,%d\n", x, y, err(r), var.xoffset, var.yoffset);
}

static void colours(int fd) {
  u16 r[256] = { 0 }, g[256] = { 0 }, b[256] = { 0 };
  struct fb_cmap map = { .start = 0, .len = 16, .red = r, .green = g, .blue = b };
  E("colours", ioctl(fd, FBIOGETCMAP, &map));
  printf("brown %x %x %x, white %x %x %x\n", r[6], g[6], b[6], r[15], g[15], b[15]);
  r[3] = 0x1234;
  E("set colours", ioctl(fd, FBIOPUTCMAP, &map));
  r[3] = 0;
  ioctl(fd, FBIOGETCMAP, &map);
  printf("kept %x\n", r[3]);
  map.len = 17;
  E("too many", ioctl(fd, FBIOPUTCMAP, &map));
  map.start = 256;
  E("beyond the map", ioctl(fd, FBIOGETCMAP, &map));
}

static void geometry(int fd) {
  ioctl(fd, FBIOGET_FSCREENINFO, &fix);
  printf("%s: %d bytes, line %d, type %d, visual %d, steps %d %d %d, accel %d, start %d\n", fix.id, fix.smem_len, fix.line_length, fix.type, fix.visual, fix.xpanstep, fix.ypanstep,
    fix.ywrapstep, fix.accel, fix.smem_start != 0);
  ioctl(fd, FBIOGET_VSCREENINFO, &var);
  show("mode");
  set(fd, "the same");
  var.xres = 1000;
  set(fd, "too wide");
  var.bits_per_pixel = 16;
  set(fd, "16 bits");
  var.red.offset = 0;
  set(fd, "other channels");
  var.bits_per_pixel = 64;
  set(fd, "64 bits");
  var.xres = 4;
  set(fd, "tiny");
  var.xres = 80; var.yres = 50; var.activate = FB_ACTIVATE_TEST;
  set(fd, "a test");
  show("still");
  E("console", ioctl(fd, FBIOGET_CON2FBMAP, &var));
  E("unknown", ioctl(fd, 0x46ff, &var));
}

static void files(int fd) {
  char buf[64];
  long end = fix.smem_len;
  V("at the end", pread(fd, buf, 64, end));
  V("near the end", pread(fd, buf, 64, end - 10));
  E("write at the end", pwrite(fd, buf, 64, end));
  V("write near the end", pwrite(fd, buf, 64, end - 10));
  E("write beyond", pwrite(fd, buf, 64, end + 1));
  V("seek to the end", lseek(fd, 0, 2));
  V("seek", lseek(fd, end - 4, 0));
  V("read there", read(fd, buf, 64));
  V("and then", read(fd, buf, 64));
}

int main(void) {
  int fd = must(open("/dev/fb0", O_RDWR));
  geometry(fd);
  colours(fd);
  files(fd);

  lseek(fd, 0, 0);
  u32 red[8] = { 0xff0000, 0xff0000, 0xff0000, 0xff0000, 0xff0000, 0xff0000, 0xff0000, 0xff0000 };
  V("write", write(fd, red, sizeof red));
  step("a red line");
  E("map too much", mmap(0, fix.smem_len + PAGE, PROT_READ, MAP_SHARED, fd, 0));
  u32 *p = mmap(0, fix.smem_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  printf("mapped %d, sees %x\n", (long)p > 0, p[0]);
  int line = fix.line_length / 4;
  for (int y = 10; y < 60; y++) for (int x = 20; x < 120; x++) p[y * line + x] = 0x00ff00;
  step("a green box");
  p[11 * line + 21] = 0x0000ff;                  // in a page that was sent before
  step("a blue dot");
  if (SC(clone, SIGCHLD) == 0) {
    p[12 * line + 22] = 0xffffff;
    SC(exit_group, 0);
  }
  must(SC(wait4, -1, NULL, 0, NULL));
  E("msync", SC(msync, p, PAGE, MS_SYNC));
  step("a dot of another process");
  u32 *private = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  private[1] = 0x123456;
  printf("private %x, the screen %x\n", private[1], p[1]);

  for (int x = 0; x < line; x++) p[var.yres * line + x] = 0xffff00;
  pan(fd, 0, var.yres);
  step("the second picture");
  pan(fd, 0, var.yres + 1);
  pan(fd, 1, 0);
  pan(fd, 0, 0);
  var.xres = 80; var.yres = 50;
  var.activate = FB_ACTIVATE_NOW;
  set(fd, "smaller");
  pan(fd, 20, 10);
  step("a small part");
  E("blank", ioctl(fd, FBIOBLANK, FB_BLANK_POWERDOWN));
  step("darkness");
  E("unblank", ioctl(fd, FBIOBLANK, FB_BLANK_UNBLANK));
  step("light");

  step("unplug");
  E("read", pread(fd, red, 4, 0));
  E("write", pwrite(fd, red, 4, 0));
  E("ask", ioctl(fd, FBIOGET_VSCREENINFO, &var));
  E("map", mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0));
  p[0] = 7;
  printf("what is mapped stays: %x %x\n", p[0], p[11 * line + 21]);
  E("open", open("/dev/fb0", O_RDONLY));
}
