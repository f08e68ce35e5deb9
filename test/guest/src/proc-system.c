// proc(5): the system-wide files that programs read: meminfo, uptime, loadavg, stat, version, cpuinfo, filesystems, mounts, sys/kernel.
#include "t.h"
int main(void) {
  char b[8192];
  printf("MemTotal %d MemFree %d MemAvailable %d SwapTotal %d\n", atol(field("/proc/meminfo", "MemTotal")) > 0,
         atol(field("/proc/meminfo", "MemFree")) > 0, atol(field("/proc/meminfo", "MemAvailable")) > 0,
         atol(field("/proc/meminfo", "SwapTotal")) >= 0);
  slurp("/proc/uptime", b, 8192);
  printf("uptime has two numbers %d\n", strchr(b, ' ') != NULL && strchr(b, '.') != NULL);
  slurp("/proc/loadavg", b, 8192);
  int sp = 0;
  for (char *c = b; *c; c++) sp += *c == ' ';
  printf("loadavg fields %d\n", sp + 1);
  slurp("/proc/stat", b, 8192);
  printf("stat cpu %d btime %d ctxt %d processes %d\n", strncmp(b, "cpu ", 4) == 0, strstr(b, "btime") != NULL, strstr(b, "ctxt") != NULL,
         strstr(b, "processes") != NULL);
  slurp("/proc/version", b, 8192);
  printf("version %d\n", strncmp(b, "Linux version ", 14) == 0);
  printf("cpuinfo %d\n", slurp("/proc/cpuinfo", b, 8192) > 0);
  slurp("/proc/filesystems", b, 8192);
  printf("tmpfs %d proc %d\n", strstr(b, "nodev\ttmpfs") != NULL, strstr(b, "nodev\tproc") != NULL);
  slurp("/proc/mounts", b, 8192);
  printf("mounts / %d /proc %d\n", strstr(b, " / ") != NULL, strstr(b, " /proc proc ") != NULL);
  slurp("/proc/self/mountinfo", b, 8192);
  printf("mountinfo %d\n", strstr(b, " - ") != NULL);
  slurp("/proc/sys/kernel/hostname", b, 100);
  printf("hostname %s", b);
  slurp("/proc/sys/kernel/ostype", b, 100);
  printf("ostype %s", b);
  printf("osrelease %d pid_max %d\n", slurp("/proc/sys/kernel/osrelease", b, 100) > 3, slurp("/proc/sys/kernel/pid_max", b, 100) > 1);
  slurp("/proc/sys/kernel/random/uuid", b, 100);
  printf("uuid %lu\n", strlen(b));
  E("self directory", open("/proc/self/task", O_RDONLY | O_DIRECTORY));
  E("listing pid", open("/proc/1", O_RDONLY | O_DIRECTORY));
  E("write hostname", write(open("/proc/sys/kernel/hostname", O_WRONLY), "newname\n", 8));
  slurp("/proc/sys/kernel/hostname", b, 100);
  printf("hostname %s", b);
}
